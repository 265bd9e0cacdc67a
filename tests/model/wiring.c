#include "tests/model/wiring.h"

#include "golden/formats/link_words.h"
#include "tests/model/test_kernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct board_cfg wiring_board_cfg(void)
{
    return (struct board_cfg){.run3 = 0,
                              .gap_first = LINK_GAP_FIRST,
                              .final_lanes = 0x0f,
                              .align_depth = 128,
                              .zs_pt_min = 1,
                              .zs_slots = 0xffff,
                              .feed_select = FEED_FINAL,
                              .feed_depth = 4,
                              .engines = 1,
                              .pack_corrections = PACK_IN_PLACE,
                              .pack_depth = 16,
                              .orbits_per_packet = 20,
                              .drop_policy = DROP_ORBIT,
                              .dma_depth = 4096,
                              .dma_reserve = 2048,
                              .sync_stages = 2};
}

static int open_parts(struct wiring *w, const struct gmt_link_cfg *link, const char *kernels)
{
    struct message m;
    w->link = gmt_link_open(link, &m);
    if (!w->link || zero_suppress_init(&w->zero_suppress, &w->cfg, kernels, &m) < 0 ||
        recal_init(&w->recal, &w->cfg, kernels, &m) < 0) {
        fprintf(stderr, "%s\n", m.text);
        return -1;
    }
    link_rx_init(&w->link_rx, &w->cfg);
    cdc_rx_init(&w->cdc_rx, &w->cfg);
    link_align_init(&w->link_align, &w->cfg);
    muon_feed_init(&w->muon_feed, &w->cfg);
    event_pack_init(&w->event_pack, &w->cfg);
    cdc_dma_init(&w->cdc_dma, &w->cfg);
    dma_init(&w->dma, &w->cfg);
    return 0;
}

struct wiring *wiring_new(const struct board_cfg *cfg, const struct gmt_link_cfg *link, const char *kernels)
{
    struct wiring *w = calloc(1, sizeof *w);
    w->cfg = *cfg;
    w->hz[DOMAIN_LINE] = link->line_hz;
    w->hz[DOMAIN_BOARD] = link->payload_hz;
    w->hz[DOMAIN_HOST] = 250000000;
    w->bus_ready = 1;
    for (unsigned i = 0; i < STEPS; i++)
        w->order[i] = i;
    if (open_parts(w, link, kernels) < 0) {
        wiring_free(w);
        return NULL;
    }
    w->source = gmt_link_next(w->link, &w->in, &w->tag);
    return w;
}

void wiring_free(struct wiring *w)
{
    gmt_link_close(w->link);
    zero_suppress_release(&w->zero_suppress);
    recal_release(&w->recal);
    free(w);
}

/* Edge n of a domain falls at n / hz seconds. */
static unsigned next_domains(const struct wiring *w)
{
    unsigned mask = 1, first = 0;
    for (unsigned d = 1; d < DOMAINS; d++) {
        unsigned __int128 here = (unsigned __int128)w->edges[d] * w->hz[first];
        unsigned __int128 there = (unsigned __int128)w->edges[first] * w->hz[d];
        if (here < there) {
            mask = 0;
            first = d;
        }
        if (here <= there)
            mask |= 1u << d;
    }
    return mask;
}

static void line_part(struct wiring *w, unsigned part, const struct bus_view *now)
{
    if (part == 0)
        link_rx_step(&w->link_rx, now, &w->next_line.link_rx);
    else
        cdc_rx_step_line(&w->cdc_rx, now);
}

static void board_part(struct wiring *w, unsigned part, const struct bus_view *now, uint32_t faults)
{
    struct board_bus *next = &w->next_board;
    switch (part) {
    case 2: cdc_rx_step_board(&w->cdc_rx, now, &next->cdc_rx); break;
    case 3: link_align_step(&w->link_align, now, &next->link_align); break;
    case 4: zero_suppress_step(&w->zero_suppress, now, &next->zero_suppress); break;
    case 5: muon_feed_step(&w->muon_feed, now, &next->muon_feed); break;
    case 6: recal_step(&w->recal, now, &next->recal); break;
    case 7: event_pack_step(&w->event_pack, now, faults, &next->event_pack); break;
    case 8: cdc_dma_step_board(&w->cdc_dma, now, &next->cdc_dma_ready); break;
    }
}

static void host_part(struct wiring *w, unsigned part, const struct bus_view *now)
{
    if (part == 9)
        cdc_dma_step_host(&w->cdc_dma, now, &w->next_host.cdc_dma);
    else
        dma_step(&w->dma, now, &w->next_host.dma);
}

static void call_steps(struct wiring *w, const struct bus_view *now)
{
    uint32_t faults = link_align_faults(&w->link_align);
    for (unsigned i = 0; i < STEPS; i++) {
        unsigned part = w->order[i];
        if (part < 2 && w->ticked >> DOMAIN_LINE & 1)
            line_part(w, part, now);
        else if (part >= 2 && part < 9 && w->ticked >> DOMAIN_BOARD & 1)
            board_part(w, part, now, faults);
        else if (part >= 9 && w->ticked >> DOMAIN_HOST & 1)
            host_part(w, part, now);
    }
    cdc_rx_commit(&w->cdc_rx);
    cdc_dma_commit(&w->cdc_dma);
}

static void swap(void *a, void *b, size_t n)
{
    static uint8_t other[sizeof(struct board_bus)];
    memcpy(other, a, n);
    memcpy(a, b, n);
    memcpy(b, other, n);
}

void wiring_step(struct wiring *w)
{
    struct bus_view now = {&w->in, &w->line, &w->board, &w->host, w->stop, w->bus_ready};
    w->ticked = next_domains(w);
    call_steps(w, &now);
    for (unsigned d = 0; d < DOMAINS; d++)
        w->edges[d] += w->ticked >> d & 1;
    if (w->ticked >> DOMAIN_BOARD & 1)
        swap(&w->board, &w->next_board, sizeof w->board);
    if (w->ticked >> DOMAIN_HOST & 1)
        swap(&w->host, &w->next_host, sizeof w->host);
    if (w->ticked >> DOMAIN_LINE & 1) {
        swap(&w->line, &w->next_line, sizeof w->line);
        w->source = gmt_link_next(w->link, &w->in, &w->tag);
    }
}

void wiring_status(const struct wiring *w, struct board_status *status)
{
    memset(status, 0, sizeof *status);
    link_rx_status(&w->link_rx, status);
    cdc_rx_status(&w->cdc_rx, status);
    link_align_status(&w->link_align, status);
    muon_feed_status(&w->muon_feed, status);
    event_pack_status(&w->event_pack, status);
}

/* ---- kernels ---- */

static char kernels_dir[64];

static void write_schedule(const char *top, const char *ports, unsigned latency)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s.json", kernels_dir, top);
    FILE *f = fopen(path, "w");
    fprintf(f, "{\"top\": \"%s\", \"latency\": %u, \"ii\": 1, \"hash\": \"%016llx\", \"ports\": [%s]}\n", top,
            latency, (unsigned long long)TEST_KERNEL_HASH, ports);
    fclose(f);
}

const char *wiring_make_kernels(unsigned zero_suppress_latency, unsigned recal_latency)
{
    return wiring_make_kernels_of(TEST_KERNELS_SO, zero_suppress_latency, recal_latency);
}

const char *wiring_make_kernels_of(const char *so, unsigned zero_suppress_latency, unsigned recal_latency)
{
    char path[128];
    strcpy(kernels_dir, "/tmp/bxact-kernels-XXXXXX");
    if (!mkdtemp(kernels_dir))
        return NULL;
    snprintf(path, sizeof path, "%s/kernels.so", kernels_dir);
    if (symlink(so, path) < 0)
        return NULL;
    write_schedule("zero_suppress", ZERO_SUPPRESS_PORTS, zero_suppress_latency);
    write_schedule("recal", RECAL_PORTS, recal_latency);
    return kernels_dir;
}

void wiring_remove_kernels(const char *dir)
{
    static const char *const names[] = {"kernels.so", "zero_suppress.json", "recal.json"};
    char path[128];
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        unlink(path);
    }
    rmdir(dir);
}
