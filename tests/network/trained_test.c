/* The trained networks of models/: what README.md says of them is what they do, on muons made here anew. */
#include "golden/network/recal_network.h"
#include "golden/stimulus/rng.h"
#include "tests/harness.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MUONS = 200000, QUANTITIES = 3 };

static const double ETA_STEP = 0.0870 / 8, PHI_STEP = 2 * M_PI / 576;

struct toy {
    double phi, eta, pt; /* true: codes with a fraction; pT in GeV */
    gmt_word seen;
};

static double uniform(struct rng *r)
{
    return ldexp((double)(rng_next(r) >> 11), -53);
}

/* G. Box, M. Muller, Ann. Math. Stat. 29 (1958) 610. */
static double gauss(struct rng *r)
{
    return sqrt(-2 * log(1 - uniform(r))) * cos(2 * M_PI * uniform(r));
}

/* models/README.md, "The sample". */
static struct toy toy_muon(struct rng *r)
{
    double pt = 2.5 * pow(1 - uniform(r) * (1 - pow(2.5 / 60, 1.5)), -1 / 1.5),
           eta = 1.66 * uniform(r) - 0.83;
    double phi = 2 * M_PI * uniform(r), draw = uniform(r);
    unsigned negative = rng_below(r, 2), quality = draw < 0.15 ? 4 : draw < 0.4 ? 8 : 12;
    double spread = quality == 4 ? 0.40 : quality == 8 ? 0.32 : 0.24, charge = negative ? -1 : 1;
    double pt_seen = 1.2 * (1 + 0.15 * eta * eta) * pt * exp(gauss(r) * spread);
    double phi_seen = phi + charge * 0.6 / pt * (1 + 0.5 * fabs(eta)) + gauss(r) * (0.01 + 0.12 / pt);
    double eta_seen = eta * 1.04 + gauss(r) * (quality == 12 ? 0.025 : 0.04);
    double phi_code = fmod(floor(phi_seen / PHI_STEP) + 5760, 576);
    struct gmt_muon m = {.phi = (uint16_t)phi_code,
                         .eta = (int16_t)fmin(fmax(rint(eta_seen / ETA_STEP), -225), 225),
                         .pt = (uint16_t)fmin(fmax(floor(pt_seen / 0.5) + 1, 1), 510),
                         .quality = (uint8_t)quality,
                         .charge_sign = (uint8_t)negative,
                         .charge_valid = 1};
    return (struct toy){phi / PHI_STEP, eta / ETA_STEP, pt, gmt_pack(&m, GMT_LAYOUT_2017)};
}

/* What is left of each quantity after adding a correction, in rad, eta and parts of pT. */
static void left_over(const struct toy *t, double phi, double eta, double pt, double left[QUANTITIES])
{
    double turn = t->phi - gmt_phi(t->seen) - phi;
    turn -= 576 * floor((turn + 288) / 576);
    left[0] = turn * PHI_STEP;
    left[1] = (t->eta - gmt_eta(t->seen) - eta) * ETA_STEP;
    left[2] = (t->pt / 0.5 + 1 - gmt_pt(t->seen) - pt) / (t->pt / 0.5);
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
    struct rng r;
    struct figures sum = {{0}, {0}};
    rng_seed(&r, seed);
    for (unsigned done = 0; done < MUONS; done += QUANTISED_BATCH) {
        struct toy toy[QUANTISED_BATCH];
        gmt_word seen[QUANTISED_BATCH];
        struct correction c[QUANTISED_BATCH];
        for (unsigned k = 0; k < QUANTISED_BATCH; k++) {
            toy[k] = toy_muon(&r);
            seen[k] = toy[k].seen;
        }
        recal_network_correct(n, seen, QUANTISED_BATCH, c);
        for (unsigned k = 0; k < QUANTISED_BATCH; k++) {
            double left[QUANTITIES];
            left_over(&toy[k], 0, 0, 0, left);
            add_squares(sum.before, left);
            left_over(&toy[k], c[k].phi / 16.0, c[k].eta / 16.0, c[k].pt / 16.0, left);
            add_squares(sum.after, left);
        }
    }
    for (unsigned k = 0; k < QUANTITIES; k++) {
        f->before[k] = sqrt(sum.before[k] / MUONS);
        f->after[k] = sqrt(sum.after[k] / MUONS);
    }
}

/* "| `trained_student` | phi | 0.1960 rad | 0.0586 rad |" and so on. Returns how many quantities were found.
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

static void check_network(const char *name)
{
    char path[64];
    struct message m = {""};
    struct figures want, got;
    snprintf(path, sizeof path, "models/%s.onnx", name);
    struct recal_network *n = recal_network_open(path, "", &m);
    if (!n)
        printf("\n  %s", m.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(n);
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

static void test_student(void)
{
    check_network("trained_student");
}

static void test_baseline(void)
{
    check_network("trained_baseline");
}

TEST_MAIN("network/trained", TEST(test_student), TEST(test_baseline))
