/* make_sample MUONS SEED > sample.bin: what train.py learns from.
 *
 * Muons of the generator that the board's network gets (barrel, final), as nine floats each: the five
 * features of docs/chain.md, the corrections of phi, eta and pT in GMT codes that would be right, and the
 * true pT in codes.
 */
#include "golden/blocks/muon_feed.h"
#include "golden/formats/bx_frames.h"
#include "golden/stimulus/generator.h"
#include "golden/stimulus/truth.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROW = MLP_MAX_FEATURES + TRUTH_QUANTITIES + 1 };

static int put_muon(uint64_t seed, uint32_t orbit, uint16_t bx, unsigned slot, gmt_word seen)
{
    float row[ROW];
    int8_t feature[MLP_MAX_FEATURES];
    struct muon_truth t = muon_truth(seed, orbit, bx, slot, seen);
    mlp_features(seen, feature, MLP_MAX_FEATURES);
    for (unsigned k = 0; k < MLP_MAX_FEATURES; k++)
        row[k] = feature[k];
    row[5] = (float)(t.phi - gmt_phi(seen));
    row[6] = (float)(t.eta - gmt_eta(seen));
    row[7] = (float)(t.pt - gmt_pt(seen));
    row[8] = (float)t.pt;
    return fwrite(row, sizeof row, 1, stdout) == 1;
}

static unsigned long put_bx(const struct generator *g, uint64_t seed, uint32_t orbit, uint16_t bx)
{
    struct bx_block block;
    struct bx_content c;
    unsigned long n = 0;
    generator_bx(g, orbit, bx, &block);
    bx_frames_read(&block, LINK_FORMAT_2018, &c);
    uint16_t mask = slot_mask_of_order(muon_feed_candidates(&block, FEED_BARREL_FINAL, c.final_lanes));
    for (unsigned slot = 0; slot < SLOTS; slot++)
        if (mask >> slot & 1)
            n += (unsigned long)put_muon(seed, orbit, bx, slot, c.muon[slot]);
    return n;
}

int main(int argc, char **argv)
{
    struct generator_cfg cfg = generator_default();
    struct message m;
    if (argc != 3) {
        fputs("usage: make_sample MUONS SEED > sample.bin\n", stderr);
        return 2;
    }
    unsigned long wanted = strtoul(argv[1], NULL, 10), n = 0;
    cfg.seed = strtoull(argv[2], NULL, 10);
    struct generator *g = generator_new(&cfg, &m);
    for (uint32_t orbit = 1; g && n < wanted; orbit++)
        for (uint16_t bx = 0; bx < BX_PER_ORBIT; bx++)
            n += put_bx(g, cfg.seed, orbit, bx);
    generator_free(g);
    return g && fflush(stdout) == 0 ? 0 : 3;
}
