#include "emu/bench/ways.h"
#include "golden/blocks/zero_suppress.h"
#include "golden/formats/crc32.h"
#include "golden/formats/link_decode.h"

#include <stdlib.h>

int golden_pass_aligned(const struct stimulus *s, struct pass *p, struct message *m)
{
    const struct zero_suppress_cfg cfg = {s->board.zs_pt_min, s->board.zs_slots};
    size_t n = s->blocks * s->copies, kept;
    uint32_t *hits = malloc((n + 31) / 32 * sizeof *hits);
    if (!hits)
        return message_set(m, "out of memory");
    double start = processor_seconds();
    kept = zero_suppress_batch(&cfg, s->block, n, hits);
    *p = (struct pass){processor_seconds() - start, n, 0};
    free(hits);
    return kept == s->kept * s->copies ? 0 : message_set(m, "%zu BX are kept instead of %zu", kept,
                                                         s->kept * s->copies);
}

struct decoded {
    struct zero_suppress_cfg cfg;
    size_t bx, kept;
};

static void suppress(void *ctx, const struct bx_block *blocks, const struct decoded_bx *info, size_t n)
{
    struct decoded *d = ctx;
    uint32_t hits[LINK_DECODE_BATCH / 32];
    (void)info;
    d->bx += n;
    d->kept += zero_suppress_batch(&d->cfg, blocks, n, hits);
}

static int check_decoded(const struct stimulus *s, const struct decoded *d,
                         const struct link_decoder_stats *stats, struct message *m)
{
    if (d->bx != s->blocks || d->kept != s->kept)
        return message_set(m, "%zu BX of %zu are decoded, %zu of %zu kept", d->bx, s->blocks, d->kept,
                           s->kept);
    for (unsigned l = 0; l < LANES; l++)
        if (stats->lane[l].crc_ok != s->end.lane[l].crc_ok)
            return message_set(m, "lane %u: %u CRC are good instead of %u", l,
                               (unsigned)stats->lane[l].crc_ok, s->end.lane[l].crc_ok);
    return 0;
}

int golden_pass_lines(const struct stimulus *s, bool table_crc, struct pass *p, struct message *m)
{
    struct decoded d = {.cfg = {s->board.zs_pt_min, s->board.zs_slots}};
    const struct link_decoder_cfg cfg = {.format = s->board.run3 ? LINK_FORMAT_RUN3 : LINK_FORMAT_2018,
                                         .gap_first = s->board.gap_first,
                                         .max_skew = s->board.align_depth};
    struct link_decoder *decoder = link_decoder_new(&cfg, suppress, &d);
    if (!decoder)
        return message_set(m, "out of memory");
    crc32_force_table(table_crc);
    double start = processor_seconds();
    link_decoder_ticks(decoder, s->tick, s->rows);
    *p = (struct pass){processor_seconds() - start, s->board_cycles / FRAMES, 0};
    crc32_force_table(0);
    int failed = check_decoded(s, &d, link_decoder_stats(decoder), m);
    link_decoder_free(decoder);
    return failed;
}

int golden_pass_network(const struct stimulus *s, struct pass *p, struct message *m)
{
    double start = processor_seconds();
    recal_network_correct(s->network, s->muon, s->muons, s->correction);
    *p = (struct pass){processor_seconds() - start, s->muons, 0};
    for (size_t i = 0; i < s->muons; i += 97) {
        struct correction c;
        recal_network_correct(s->network, &s->muon[i], 1, &c);
        if (c.phi != s->correction[i].phi || c.eta != s->correction[i].eta || c.pt != s->correction[i].pt)
            return message_set(m, "muon %zu is corrected in another way in a batch than alone", i);
    }
    return 0;
}
