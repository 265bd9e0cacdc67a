/* The trained networks of models/: the integers in headers and the ONNX files give the same corrections, and
 * what README.md says of them is what they do, on muons of another seed than they were trained with. */
#include "golden/blocks/muon_feed.h"
#include "golden/formats/bx_frames.h"
#include "golden/network/recal_network.h"
#include "golden/stimulus/generator.h"
#include "golden/stimulus/rng.h"
#include "golden/stimulus/truth.h"
#include "tests/harness.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { MUONS = 200000, WORDS = 640000, QUANTITIES = TRUTH_QUANTITIES };

/* The next muons that the board's network would get. */
struct sample {
    struct generator *g;
    uint64_t seed;
    uint32_t orbit;
    uint16_t bx;
    uint16_t left; /* slots of the BX */
    struct bx_content content;
};

static gmt_word next_muon(struct sample *s, struct muon_truth *truth)
{
    while (!s->left) {
        struct bx_block block;
        if (++s->bx == BX_PER_ORBIT) {
            s->bx = 0;
            s->orbit++;
        }
        generator_bx(s->g, s->orbit, s->bx, &block);
        bx_frames_read(&block, LINK_FORMAT_2018, &s->content);
        s->left = slot_mask_of_order(muon_feed_candidates(&block, FEED_BARREL_FINAL, s->content.final_lanes));
    }
    unsigned slot = (unsigned)__builtin_ctz(s->left);
    s->left &= (uint16_t)(s->left - 1);
    *truth = muon_truth(s->seed, s->orbit, s->bx, slot, s->content.muon[slot]);
    return s->content.muon[slot];
}

struct figures {
    double before[QUANTITIES], after[QUANTITIES]; /* RMS */
};

static void add_squares(double sum[QUANTITIES], const double left[QUANTITIES])
{
    for (unsigned k = 0; k < QUANTITIES; k++)
        sum[k] += left[k] * left[k];
}

static void measure(struct recal_network *n, uint64_t seed, struct figures *f)
{
    struct message m;
    struct generator_cfg cfg = generator_default();
    struct sample s = {.seed = seed};
    cfg.seed = seed;
    s.g = generator_new(&cfg, &m);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s.g);
    *f = (struct figures){{0}, {0}};
    for (unsigned done = 0; done < MUONS; done += QUANTISED_BATCH) {
        struct muon_truth truth[QUANTISED_BATCH];
        gmt_word seen[QUANTISED_BATCH];
        struct correction c[QUANTISED_BATCH];
        for (unsigned k = 0; k < QUANTISED_BATCH; k++)
            seen[k] = next_muon(&s, &truth[k]);
        recal_network_correct(n, seen, QUANTISED_BATCH, c);
        for (unsigned k = 0; k < QUANTISED_BATCH; k++) {
            double left[QUANTITIES];
            muon_truth_residual(&truth[k], seen[k], NULL, left);
            add_squares(f->before, left);
            muon_truth_residual(&truth[k], seen[k], &c[k], left);
            add_squares(f->after, left);
        }
    }
    for (unsigned k = 0; k < QUANTITIES; k++) {
        f->before[k] = sqrt(f->before[k] / MUONS);
        f->after[k] = sqrt(f->after[k] / MUONS);
    }
    generator_free(s.g);
}

/* "| `student` | phi | 0.2826 rad | 0.0586 rad |" and so on. Returns how many quantities were found.
 */
static unsigned stated(const char *network, struct figures *f)
{
    static const char *const names[QUANTITIES] = {"phi", "eta", "pT"};
    char line[256], start[64];
    unsigned found = 0;
    FILE *file = fopen("models/README.md", "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    while (fgets(line, sizeof line, file))
        for (unsigned k = 0; k < QUANTITIES; k++) {
            int n = snprintf(start, sizeof start, "| `%s` | %s |", network, names[k]);
            if (strncmp(line, start, (size_t)n) == 0)
                found += sscanf(line + n, "%lf%*[^|]| %lf", &f->before[k], &f->after[k]) == 2;
        }
    fclose(file);
    return found;
}

static struct recal_network *opened(const char *name)
{
    struct message m = {""};
    struct recal_network *n = recal_network_open(name, "", &m);
    if (!n)
        printf("\n  %s", m.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(n);
    return n;
}

static void check_figures(const char *name)
{
    struct figures want, got;
    struct recal_network *n = opened(name);
    CU_ASSERT_EQUAL_FATAL(stated(name, &want), QUANTITIES);
    measure(n, test_seed(), &got);
    for (unsigned k = 0; k < QUANTITIES; k++) {
        printf("\n  %s: %.4f -> %.4f, stated %.4f -> %.4f", name, got.before[k], got.after[k], want.before[k],
               want.after[k]);
        CU_ASSERT(fabs(got.before[k] / want.before[k] - 1) < 0.03);
        CU_ASSERT(fabs(got.after[k] / want.after[k] - 1) < 0.03);
        CU_ASSERT(got.after[k] < 0.95 * got.before[k]);
    }
    recal_network_close(n);
}

/* Any words, as the board takes them, absurd ones included. */
static void check_both_forms(const char *word, const char *file)
{
    struct rng r;
    uint64_t wrong = 0, moved = 0;
    double own_s = 0, onnx_s = 0;
    struct recal_network *own = opened(word), *onnx = opened(file);
    rng_seed(&r, test_seed());
    for (unsigned done = 0; done < WORDS; done += QUANTISED_BATCH) {
        gmt_word seen[QUANTISED_BATCH];
        struct correction a[QUANTISED_BATCH], b[QUANTISED_BATCH];
        for (unsigned k = 0; k < QUANTISED_BATCH; k++)
            seen[k] = (gmt_word){rng_next(&r)};
        clock_t before = clock();
        recal_network_correct(own, seen, QUANTISED_BATCH, a);
        clock_t between = clock();
        recal_network_correct(onnx, seen, QUANTISED_BATCH, b);
        own_s += (double)(between - before) / CLOCKS_PER_SEC;
        onnx_s += (double)(clock() - between) / CLOCKS_PER_SEC;
        for (unsigned k = 0; k < QUANTISED_BATCH; k++) {
            wrong += a[k].phi != b[k].phi || a[k].eta != b[k].eta || a[k].pt != b[k].pt;
            moved += a[k].phi != 0;
        }
    }
    printf("\n  %s: %.1f M muons/s by its header, %.1f M/s by its ONNX file", word, WORDS / own_s / 1e6,
           WORDS / onnx_s / 1e6);
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT(moved > WORDS / 2);
    recal_network_close(own);
    recal_network_close(onnx);
}

static void test_figures_of_readme(void)
{
    check_figures("student");
    check_figures("baseline");
}

static void test_headers_equal_onnx(void)
{
    check_both_forms("student", "models/trained_student.onnx");
    check_both_forms("baseline", "models/trained_baseline.onnx");
}

TEST_MAIN("network/trained", TEST(test_figures_of_readme), TEST(test_headers_equal_onnx))
