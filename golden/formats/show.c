#include "golden/formats/show.h"

#include "golden/formats/bx_frames.h"
#include "golden/formats/muon.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { FINDERS = GMT_FINDERS + 1 };
static const char *const finder_names[FINDERS] = {"EMTF+", "OMTF+", "BMTF", "OMTF-", "EMTF-", "-"};

struct show {
    const struct show_cfg *cfg;
    FILE *out;
    const struct format *format;
    uint64_t shown;
    /* the summary */
    uint64_t orbits, bx, packets, muons, sources_bx;
    uint64_t multiplicity[SLOTS + 1], lane[LANES], finder[FINDERS], slot_known, intermediate[3];
    uint64_t words, disagree, corrections;
    uint32_t first_orbit, last_orbit, orbit;
    uint16_t first_bx, last_bx;
    double pt_sum;
    unsigned pt_max;
    uint64_t rows, boards, valid[LINKS_MAX], nonzero[LINKS_MAX];
    struct link_board board;
    struct message trouble; /* why the rows of a pattern file could not be read as BX to their end */
};

struct show_cfg show_default(void)
{
    struct show_cfg cfg = {
        .in = bx_file_default(NULL), .range = {0, UINT32_MAX, 0, BX_PER_ORBIT - 1}, .lane = -1, .most = 10};
    return cfg;
}

static void json_string(FILE *out, const char *s)
{
    fputc('"', out);
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            fprintf(out, "\\%c", *s);
        else if ((unsigned char)*s < 0x20)
            fprintf(out, "\\u%04x", *s);
        else
            fputc(*s, out);
    }
    fputc('"', out);
}

/* ---- one muon ---- */

static int is_final_known(const struct bx_muon *muon)
{
    return muon->intermediate >= 0;
}

static int lane_of(const struct bx_item *item, const struct bx_muon *muon)
{
    return item->form == FORM_LINKS ? muon->slot / 2 : -1;
}

static const char *finder_of(gmt_word w)
{
    return finder_names[gmt_finder_of(gmt_index(w))];
}

/* Run-3's intermediate muons have the unconstrained pT where others have phi (domain.md 1.1). */
static int has_phi(const struct bx_item *item, const struct bx_muon *muon)
{
    int replaced = item->layout == LINK_FORMAT_RUN3 && is_final_known(muon) && muon->intermediate;
    return !replaced && gmt_phi((gmt_word){muon->muon}) < GMT_PHI_CODES;
}

static void muon_text(struct show *s, const struct bx_item *item, const struct bx_muon *muon)
{
    gmt_word w = {muon->muon};
    char place[32] = "", phi[16];
    int lane = lane_of(item, muon);
    if (lane >= 0)
        snprintf(place, sizeof place, "lane %d %c  ", lane, muon->slot & 1 ? 'B' : 'A');
    else if (item->form == FORM_UGT)
        snprintf(place, sizeof place, "muon %d  ", muon->slot);
    snprintf(phi, sizeof phi, has_phi(item, muon) ? "%6.3f" : "  none", gmt_phi_value(gmt_phi(w)));
    fprintf(s->out, "    %spT %s%.1f GeV  eta %6.3f  phi %s  charge %s  quality %2u  iso %u  index %3u %-5s",
            place, gmt_pt(w) == GMT_PT_OVERFLOW ? ">= " : "", gmt_pt_gev(gmt_pt(w)),
            gmt_eta_value(gmt_eta(w)), phi,
            gmt_charge(w) > 0   ? "+"
            : gmt_charge(w) < 0 ? "-"
                                : "?",
            gmt_quality(w), gmt_iso(w), gmt_index(w), finder_of(w));
    if (muon->has_eta_raw)
        fprintf(s->out, "  station eta %6.3f", gmt_eta_value(muon->eta_raw));
    if (is_final_known(muon))
        fputs(muon->intermediate ? "  intermediate" : "  final", s->out);
    fputc('\n', s->out);
}

static void muon_json(struct show *s, const struct bx_item *item, const struct bx_muon *muon, unsigned i)
{
    gmt_word w = {muon->muon};
    fprintf(s->out, "%s{\"word\":\"%016" PRIx64 "\"", i ? "," : "", muon->muon);
    if (item->form == FORM_LINKS)
        fprintf(s->out, ",\"slot\":%d", muon->slot);
    fprintf(s->out, ",\"pt_gev\":%.1f,\"pt_overflow\":%s,\"eta\":%.6f", gmt_pt_gev(gmt_pt(w)),
            gmt_pt(w) == GMT_PT_OVERFLOW ? "true" : "false", gmt_eta_value(gmt_eta(w)));
    if (has_phi(item, muon))
        fprintf(s->out, ",\"phi\":%.6f", gmt_phi_value(gmt_phi(w)));
    fprintf(s->out, ",\"charge\":%d,\"quality\":%u,\"iso\":%u,\"index\":%u", gmt_charge(w), gmt_quality(w),
            gmt_iso(w), gmt_index(w));
    if (muon->has_eta_raw)
        fprintf(s->out, ",\"eta_station\":%.6f", gmt_eta_value(muon->eta_raw));
    if (is_final_known(muon))
        fprintf(s->out, ",\"intermediate\":%s", muon->intermediate ? "true" : "false");
    fputc('}', s->out);
}

/* ---- words of other sources (domain.md 3.4) ---- */

static int sign(uint64_t value, unsigned bits)
{
    int64_t top = INT64_C(1) << (bits - 1);
    return (int)(((int64_t)value ^ top) - top);
}

/* A list of "name value" pairs in text, "name":value in JSON. */
static void pairs(struct show *s, int first_item, const char *kind, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void pairs(struct show *s, int first_item, const char *kind, const char *format, ...)
{
    char text[512], *at = text;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (s->cfg->json)
        fprintf(s->out, "%s{\"kind\":\"%s\"", first_item ? "" : ",", kind);
    else
        fprintf(s->out, "    %s", kind);
    for (char *name; (name = strsep(&at, " ")) && at;)
        fprintf(s->out, s->cfg->json ? ",\"%s\":%s" : "  %s %s", name, strsep(&at, " "));
    fputs(s->cfg->json ? "}" : "\n", s->out);
}

static void show_stubs(struct show *s, const struct bx_words *w)
{
    for (unsigned i = 0; i + 1 < w->n; i += 2) {
        uint64_t v = (uint64_t)w->word[i + 1] << 32 | w->word[i];
        pairs(s, i == 0, "stub", "valid %u phi %d phiB %d quality %u eta %u qeta %u station %u wheel %d",
              (unsigned)(v & 1), sign(v >> 1 & 0xfff, 12), sign(v >> 13 & 0x3ff, 10), (unsigned)(v >> 23 & 7),
              (unsigned)(v >> 26 & 0x7f), (unsigned)(v >> 33 & 0x7f), (unsigned)(v >> 40 & 3) + 1,
              sign(v >> 42 & 7, 3));
    }
}

static void show_towers(struct show *s, const struct bx_words *w)
{
    for (unsigned i = 0; i < w->n; i++) {
        uint32_t v = w->word[i];
        pairs(s, i == 0, "tower", "et_gev %.1f ratio %u misc %u phi %u eta %d", (v & 0x1ff) * 0.5, v >> 9 & 7,
              v >> 12 & 15, v >> 16 & 255, sign(v >> 24, 8));
    }
}

/* Calorimeter scales: ET 0.5 GeV, eta 0.0435, phi 2 pi / 144 (domain.md 3.3). */
static void show_jet(struct show *s, int first, uint32_t v)
{
    pairs(s, first, "jet", "et_gev %.1f eta %.4f phi %.4f displaced %u quality %u", (v & 0x7ff) * 0.5,
          sign(v >> 11 & 0xff, 8) * 0.0435, (v >> 19 & 0xff) * 6.283185307179586 / 144, v >> 27 & 1,
          v >> 28 & 3);
}

static void show_cluster(struct show *s, int first, const char *kind, uint32_t v)
{
    pairs(s, first, kind, "et_gev %.1f eta %.4f phi %.4f iso %u", (v & 0x1ff) * 0.5,
          sign(v >> 9 & 0xff, 8) * 0.0435, (v >> 17 & 0xff) * 6.283185307179586 / 144, v >> 25 & 3);
}

static void show_sum(struct show *s, int first, unsigned which, uint32_t v)
{
    static const char *const names[] = {"ET", "HT", "ETmiss", "HTmiss", "ETHFmiss", "HTHFmiss"};
    double et = (v & 0xfff) * 0.5;
    if (which == 0)
        pairs(s, first, names[which], "et_gev %.1f em_gev %.1f minbias %u", et, (v >> 12 & 0xfff) * 0.5,
              v >> 28);
    else if (which == 1)
        pairs(s, first, names[which], "et_gev %.1f towers %u minbias %u", et, v >> 12 & 0x1fff, v >> 28);
    else
        pairs(s, first, names[which], "et_gev %.1f phi %.4f asymmetry %u %s %u", et,
              (v >> 12 & 0xff) * 6.283185307179586 / 144, v >> 20 & 0xff,
              which < 4 ? "minbias" : "centrality", v >> 28);
}

/* Eight links of a number and six words: jet2, jet1, eg2, eg1, empty, sum, tau2, tau1. */
static void show_calo(struct show *s, const struct bx_words *w)
{
    static const char kinds[] = "jjee stt";
    int first = 1;
    for (unsigned link = 0; link < 8 && w->n == CALO_WORDS; link++)
        for (unsigned i = 0; i < 6; i++) {
            uint32_t v = w->word[7 * link + 1 + i];
            if (!v || kinds[link] == ' ')
                continue;
            if (kinds[link] == 'j')
                show_jet(s, first, v);
            else if (kinds[link] == 's')
                show_sum(s, first, i, v);
            else
                show_cluster(s, first, kinds[link] == 'e' ? "egamma" : "tau", v);
            first = 0;
        }
}

/* The objects of one of the calorimeter's sources, one a word. */
static void show_objects(struct show *s, uint32_t source, const struct bx_words *w)
{
    for (unsigned i = 0; i < w->n; i++) {
        uint32_t v = w->word[i];
        switch (source) {
        case SOURCE_ID_CALO_JET: show_jet(s, i == 0, v); break;
        case SOURCE_ID_CALO_EGAMMA: show_cluster(s, i == 0, "egamma", v); break;
        case SOURCE_ID_CALO_TAU: show_cluster(s, i == 0, "tau", v); break;
        case SOURCE_ID_CALO_SUM: show_sum(s, i == 0, i, v); break;
        default: pairs(s, i == 0, "object", "word %" PRIu32, v);
        }
    }
}

static void show_words(struct show *s, const struct bx_item *item)
{
    if (s->cfg->json)
        fprintf(s->out, "\"source\":%" PRIu32 ",\"objects\":[", item->source);
    if (item->source == SOURCE_ID_CALO)
        show_calo(s, &item->words);
    else if (item->source == SOURCE_ID_TOWER)
        show_towers(s, &item->words);
    else if (item->source <= SOURCE_ID_BMTF_LAST)
        show_stubs(s, &item->words);
    else
        show_objects(s, item->source, &item->words);
    if (s->cfg->json)
        fputs("]}", s->out);
}

static const char *source_name(uint32_t source, char *text, size_t size)
{
    if (source == SOURCE_ID_GMT)
        return "";
    if (source == SOURCE_ID_TOWER)
        return " calorimeter towers";
    if (source == SOURCE_ID_CALO)
        return " calorimeter";
    if (source >= SOURCE_ID_CALO_JET)
        snprintf(text, size, " calorimeter %" PRIu32, source);
    else
        snprintf(text, size, " BMTF sector %" PRIu32, source - SOURCE_ID_BMTF_FIRST);
    return text;
}

/* ---- one BX ---- */

static unsigned muons_of(const struct show *s, const struct bx_item *item, struct bx_muon list[SLOTS])
{
    unsigned all = bx_item_list(item, list), n = 0;
    for (unsigned i = 0; i < all; i++)
        if (s->cfg->lane < 0 || lane_of(item, &list[i]) == s->cfg->lane)
            list[n++] = list[i];
    return n;
}

static void show_bx(struct show *s, const struct bx_item *item, const struct bx_muon *list, unsigned n)
{
    char name[32];
    if (s->cfg->json)
        fprintf(s->out, "%s\n  {\"orbit\":%" PRIu32 ",\"bx\":%u,", s->shown ? "," : "", item->orbit,
                item->bx);
    else
        fprintf(s->out, "orbit %" PRIu32 " BX %u%s%s\n", item->orbit, item->bx,
                source_name(item->source, name, sizeof name),
                item->form != FORM_WORDS && !n ? ": no muon" : "");
    s->shown++;
    if (item->form == FORM_WORDS) {
        show_words(s, item);
        return;
    }
    if (s->cfg->json)
        fputs("\"muons\":[", s->out);
    for (unsigned i = 0; i < n; i++)
        if (s->cfg->json)
            muon_json(s, item, &list[i], i);
        else
            muon_text(s, item, &list[i]);
    if (s->cfg->json)
        fputs("]}", s->out);
}

static void count_muon(struct show *s, const struct bx_item *item, const struct bx_muon *muon)
{
    gmt_word w = {muon->muon};
    unsigned pt = gmt_pt(w);
    s->muons++;
    s->finder[gmt_finder_of(gmt_index(w))]++;
    s->intermediate[muon->intermediate < 0 ? 2 : muon->intermediate]++;
    if (lane_of(item, muon) >= 0) {
        s->lane[lane_of(item, muon)]++;
        s->slot_known = 1;
    }
    s->pt_sum += gmt_pt_gev(pt);
    s->pt_max = pt > s->pt_max ? pt : s->pt_max;
}

static int lanes_disagree(const struct bx_item *item)
{
    for (unsigned lane = 1; lane < LANES; lane++)
        if (bx_frames_bx(&item->links.block, item->layout, lane) !=
            bx_frames_bx(&item->links.block, item->layout, 0))
            return 1;
    return 0;
}

static void count_bx(struct show *s, const struct bx_item *item, const struct bx_muon *list, unsigned n)
{
    s->bx++;
    s->multiplicity[n]++;
    if (item->form == FORM_WORDS) {
        s->sources_bx++;
        s->words += item->words.n;
    }
    if (item->form == FORM_LINKS) {
        s->disagree += (uint64_t)lanes_disagree(item);
        s->corrections += item->links.appended;
    }
    for (unsigned i = 0; i < n; i++)
        count_muon(s, item, &list[i]);
}

static void count_orbit(struct show *s, uint32_t orbit)
{
    if (s->orbits && orbit == s->orbit)
        return;
    if (!s->orbits)
        s->first_orbit = orbit;
    s->orbit = s->last_orbit = orbit;
    s->orbits++;
}

static void take_item(struct show *s, const struct bx_item *item)
{
    struct bx_muon list[SLOTS];
    s->packets += item->kind == ITEM_PACKET;
    if (item->kind == ITEM_ORBIT && item->orbit >= s->cfg->range.first_orbit &&
        item->orbit <= s->cfg->range.last_orbit)
        count_orbit(s, item->orbit);
    if (item->kind != ITEM_BX || !bx_in_range(&s->cfg->range, item->orbit, item->bx))
        return;
    count_orbit(s, item->orbit);
    unsigned n = muons_of(s, item, list);
    count_bx(s, item, list, n);
    if (s->shown < s->cfg->most && (n > 0 || item->form == FORM_WORDS || s->cfg->most == UINT64_MAX))
        show_bx(s, item, list, n);
}

/* ---- the summary ---- */

static void summary_links_text(const struct show *s)
{
    fprintf(s->out, "%" PRIu64 " board%s, %" PRIu64 " rows; board %s has %u links\n", s->boards,
            s->boards == 1 ? "" : "s", s->rows, s->board.name, s->board.links);
    unsigned silent = 0;
    for (unsigned i = 0; i < s->board.links; i++) {
        silent += !s->nonzero[i];
        if (s->nonzero[i])
            fprintf(s->out, "  link %3u: %" PRIu64 " valid words, %" PRIu64 " of them not 0\n",
                    s->board.link[i], s->valid[i], s->nonzero[i]);
    }
    if (silent)
        fprintf(s->out, "  %u links have no valid word but 0\n", silent);
}

static void multiplicity_text(const struct show *s)
{
    fputs("muons a BX:", s->out);
    for (unsigned n = 0; n <= SLOTS; n++)
        if (s->multiplicity[n])
            fprintf(s->out, "  %u: %" PRIu64, n, s->multiplicity[n]);
    fputc('\n', s->out);
}

static void muons_text(const struct show *s)
{
    fprintf(s->out, "%" PRIu64 " muons, %.2f a BX; mean pT %.1f GeV, highest %s%.1f GeV\n", s->muons,
            s->bx ? (double)s->muons / (double)s->bx : 0, s->muons ? s->pt_sum / (double)s->muons : 0,
            s->pt_max == GMT_PT_OVERFLOW ? ">= " : "", gmt_pt_gev(s->pt_max));
    multiplicity_text(s);
    if (s->slot_known) {
        fputs("by lane:", s->out);
        for (unsigned lane = 0; lane < LANES; lane++)
            fprintf(s->out, "  %u: %" PRIu64, lane, s->lane[lane]);
        fputc('\n', s->out);
    }
    fputs("by finder:", s->out);
    for (unsigned i = 0; i < FINDERS; i++)
        if (s->finder[i])
            fprintf(s->out, "  %s: %" PRIu64, finder_names[i], s->finder[i]);
    fprintf(s->out, "\nfinal: %" PRIu64 "  intermediate: %" PRIu64 "  not known: %" PRIu64 "\n",
            s->intermediate[0], s->intermediate[1], s->intermediate[2]);
}

static void summary_text(const struct show *s, const char *path, uint64_t errors)
{
    uint64_t span = s->orbits ? (uint64_t)(s->last_orbit - s->first_orbit) + 1 : 0;
    if (s->shown && s->shown < s->bx)
        fprintf(s->out, "(%" PRIu64 " more BX; --all shows them, --orbit and --bx choose)\n",
                s->bx - s->shown);
    fprintf(s->out, "%s%s: %s, %s\n", s->shown ? "\n" : "", path, s->format->name, s->format->summary);
    if (s->format->links)
        summary_links_text(s);
    if (s->bx || !s->format->links) {
        fprintf(s->out,
                "%" PRIu64 " orbits (%" PRIu32 "..%" PRIu32 ", %" PRIu64
                " of these numbers missing), %" PRIu64 " BX: %.2f %% of them\n",
                s->orbits, s->first_orbit, s->last_orbit, span - s->orbits, s->bx,
                s->orbits ? 100.0 * (double)s->bx / ((double)s->orbits * BX_PER_ORBIT) : 0);
        if (s->sources_bx < s->bx)
            muons_text(s);
    }
    if (s->trouble.text[0])
        fprintf(s->out, "not read as BX from here on: %s\n", s->trouble.text);
    if (s->sources_bx)
        fprintf(s->out, "%" PRIu64 " BX of other sources, %" PRIu64 " words\n", s->sources_bx, s->words);
    if (s->packets)
        fprintf(s->out, "%" PRIu64 " DMA packets\n", s->packets);
    if (s->corrections)
        fprintf(s->out, "%" PRIu64 " BX with appended corrections\n", s->corrections);
    if (s->disagree)
        fprintf(s->out, "%" PRIu64 " BX whose lanes disagree in the BX number\n", s->disagree);
    if (errors)
        fprintf(s->out, "%" PRIu64 " errors, gone on after each\n", errors);
}

static void list_json(const struct show *s, const char *name, const uint64_t *values, unsigned n)
{
    fprintf(s->out, ",\"%s\":[", name);
    for (unsigned i = 0; i < n; i++)
        fprintf(s->out, "%s%" PRIu64, i ? "," : "", values[i]);
    fputc(']', s->out);
}

static void summary_json(const struct show *s, uint64_t errors)
{
    fprintf(s->out,
            "],\n \"summary\":{\"orbits\":%" PRIu64 ",\"first_orbit\":%" PRIu32 ",\"last_orbit\":%" PRIu32
            ",\"bx\":%" PRIu64 ",\"muons\":%" PRIu64 ",\"packets\":%" PRIu64 ",\"words\":%" PRIu64
            ",\"corrections\":%" PRIu64 ",\"lanes_disagree\":%" PRIu64 ",\"errors\":%" PRIu64
            ",\"boards\":%" PRIu64 ",\"rows\":%" PRIu64,
            s->orbits, s->first_orbit, s->last_orbit, s->bx, s->muons, s->packets, s->words, s->corrections,
            s->disagree, errors, s->boards, s->rows);
    list_json(s, "multiplicity", s->multiplicity, SLOTS + 1);
    list_json(s, "by_lane", s->lane, LANES);
    list_json(s, "by_finder", s->finder, FINDERS);
    list_json(s, "final_intermediate_unknown", s->intermediate, 3);
    fputs("}}\n", s->out);
}

/* ---- files ---- */

static int show_items(struct show *s, FILE *file, const char *path, struct bx_file_cfg *in, uint64_t *errors,
                      struct message *m)
{
    struct bx_item *item = calloc(1, sizeof *item);
    struct bx_reader *r = item ? bx_reader_new(file, path, s->format->bx, in, m) : NULL;
    int got = r ? 1 : -1;
    if (!item) {
        fclose(file);
        message_set(m, "%s: out of memory", path);
    }
    while (got == 1 && (got = bx_reader_next(r, item, m)) == 1)
        take_item(s, item);
    if (r)
        *errors = r->errors;
    bx_reader_free(r);
    free(item);
    return got;
}

static void count_row(struct show *s, const struct link_frame *row)
{
    s->rows++;
    for (unsigned i = 0; i < s->board.links; i++) {
        s->valid[i] += row->side[i] & SIDE_VALID;
        s->nonzero[i] += row->side[i] & SIDE_VALID && row->data[i];
    }
}

/* Rows of the first board; what is wrong is told by the reading of BX, which sees the same file. */
static int show_rows(struct show *s, FILE *file, const char *path, int recover, uint64_t *errors,
                     struct message *m)
{
    struct link_board board;
    struct link_frame *row = calloc(1, sizeof *row);
    struct link_reader *r = link_reader_new(file, path, s->format->links, m);
    int got = row && r ? 1 : -1;
    while (got == 1 && (got = link_read_board(r, &board, m)) == 1) {
        if (s->boards++ == 0)
            s->board = board;
        while (s->boards == 1 && (got = link_read_frame(r, row, m)) == 1)
            count_row(s, row);
        got = got < 0 ? -1 : 1;
    }
    free(row);
    link_reader_free(r);
    *errors += got < 0 && recover;
    return got < 0 && !(recover && s->rows) ? -1 : 0;
}

/* Words of 64 bits are not the GMT's; a link file of 32 bits may be a capture of it. */
static int has_bx(const struct show *s)
{
    return !s->format->links || s->format->links->word_bits == 32 || s->cfg->links.n ||
           s->cfg->in.counters != COUNTERS_AUTO;
}

static int show_open(struct show *s, FILE *file, const char *path, uint64_t *errors, struct message *m)
{
    struct losses losses = {{0}};
    struct bx_file_cfg in = s->cfg->in;
    in.losses = &losses;
    if (link_map_lanes(&s->cfg->links, in.link, m) < 0) {
        fclose(file);
        return -1;
    }
    if (!s->format->links)
        return show_items(s, file, path, &in, errors, m);
    if (show_rows(s, file, path, in.recover, errors, m) < 0)
        return -1;
    if (!has_bx(s))
        return 0;
    file = stream_read(path, m);
    if (!file)
        return -1;
    /* Rows are rows even where they are no BX of the GMT, unless the user says that they are. */
    int got = show_items(s, file, path, &in, errors, &s->trouble);
    return got < 0 && s->cfg->links.n ? message_set(m, "%s", s->trouble.text) : 0;
}

int show_file(const char *path, const struct show_cfg *cfg, FILE *out, struct message *m)
{
    uint64_t errors = 0;
    struct show *s = calloc(1, sizeof *s);
    if (!s)
        return message_set(m, "%s: out of memory", path);
    *s = (struct show){.cfg = cfg, .out = out, .format = cfg->from};
    FILE *file = format_open(path, &s->format, m);
    if (file && cfg->json) {
        fputs("{\"file\":", out);
        json_string(out, path);
        fprintf(out, ",\"format\":\"%s\",\n \"bx\":[", s->format->name);
    }
    int failed = !file || show_open(s, file, path, &errors, m) < 0;
    if (!failed && cfg->json)
        summary_json(s, errors);
    else if (!failed)
        summary_text(s, path, errors);
    free(s);
    return failed ? -1 : errors > 0;
}
