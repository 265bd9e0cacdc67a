/* The text of fixed-point types. */
#include "golden/fixed/fixed.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const rounds[FIXED_ROUNDS] = {"RND",      "RND_ZERO", "RND_MIN_INF", "RND_INF",
                                                 "RND_CONV", "TRN",      "TRN_ZERO"};
static const char *const overflows[FIXED_OVERFLOWS] = {"SAT", "SAT_ZERO", "SAT_SYM", "WRAP", "WRAP_SM"};

const char *fixed_round_name(unsigned mode)
{
    return mode < FIXED_ROUNDS ? rounds[mode] : "?";
}

const char *fixed_overflow_name(unsigned mode)
{
    return mode < FIXED_OVERFLOWS ? overflows[mode] : "?";
}

int fixed_type_check(const struct fixed_type *t, struct message *m)
{
    if (t->width < 1 || t->width > FIXED_MAX_WIDTH)
        return message_set(m, "width %u is out of range (give 1..%d)", t->width, FIXED_MAX_WIDTH);
    if (t->integer < -FIXED_MAX_INTEGER || t->integer > FIXED_MAX_INTEGER)
        return message_set(m, "%d integer bits are out of range (give %d..%d)", t->integer,
                           -FIXED_MAX_INTEGER, FIXED_MAX_INTEGER);
    if (t->round >= FIXED_ROUNDS || t->overflow >= FIXED_OVERFLOWS)
        return message_set(m, "no such rounding or overflow mode");
    bool wraps = t->overflow == FIXED_WRAP || t->overflow == FIXED_WRAP_SM;
    if (t->wrap_bits > (wraps ? t->width : 0))
        return message_set(m, "%u saturated bits (give 0..W under WRAP and WRAP_SM, else 0)", t->wrap_bits);
    if (t->overflow == FIXED_WRAP_SM && !t->is_signed)
        return message_set(m, "WRAP_SM is not defined for unsigned numbers (give WRAP or SAT)");
    if (t->overflow == FIXED_SAT_SYM && t->is_signed && t->width == 1)
        return message_set(m, "SAT_SYM leaves a signed type of one bit nothing but 0 (give 2 bits or more)");
    return 0;
}

/* ---- reading ---- */

struct cursor {
    const char *at;
};

static void skip_blanks(struct cursor *c)
{
    while (isspace((unsigned char)*c->at))
        c->at++;
}

static bool take(struct cursor *c, const char *text)
{
    skip_blanks(c);
    size_t n = strlen(text);
    if (strncmp(c->at, text, n) != 0)
        return false;
    c->at += n;
    return true;
}

static bool take_integer(struct cursor *c, long *value)
{
    char *end;
    skip_blanks(c);
    *value = strtol(c->at, &end, 10);
    bool taken = end != c->at && *value >= -100000 && *value <= 100000;
    c->at = end;
    return taken;
}

/* A mode's name, whole. */
static bool take_mode(struct cursor *c, const char *const *names, unsigned n, uint8_t *mode)
{
    skip_blanks(c);
    if (strncmp(c->at, "AP_", 3) == 0 || strncmp(c->at, "SC_", 3) == 0)
        c->at += 3;
    size_t length = strspn(c->at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
    for (unsigned i = 0; i < n; i++)
        if (strlen(names[i]) == length && strncmp(names[i], c->at, length) == 0) {
            *mode = (uint8_t)i;
            c->at += length;
            return true;
        }
    return false;
}

static int refuse(const char *text, const char *what, struct message *m)
{
    return message_set(m,
                       "'%s': %s (give ap_fixed<W,I>, ap_ufixed<W,I,Q,O,N>, ap_int<W> or ap_uint<W>; "
                       "Q: RND, RND_ZERO, RND_MIN_INF, RND_INF, RND_CONV, TRN, TRN_ZERO; "
                       "O: SAT, SAT_ZERO, SAT_SYM, WRAP, WRAP_SM)",
                       text, what);
}

static const char *read_modes(struct cursor *c, struct fixed_type *t)
{
    long n;
    if (!take(c, ","))
        return NULL;
    if (!take_mode(c, rounds, FIXED_ROUNDS, &t->round))
        return "unknown rounding mode";
    if (!take(c, ","))
        return NULL;
    if (!take_mode(c, overflows, FIXED_OVERFLOWS, &t->overflow))
        return "unknown overflow mode";
    if (!take(c, ","))
        return NULL;
    if (!take_integer(c, &n) || n < 0 || n > FIXED_MAX_WIDTH)
        return "N is not a number of bits";
    t->wrap_bits = (uint8_t)n;
    return NULL;
}

static const char *read_sizes(struct cursor *c, struct fixed_type *t, bool is_integer)
{
    long width, integer;
    if (!take_integer(c, &width) || width < 1 || width > FIXED_MAX_WIDTH)
        return "W is not in 1..64";
    integer = width;
    if (!is_integer && (!take(c, ",") || !take_integer(c, &integer)))
        return "I is missing";
    if (integer < -FIXED_MAX_INTEGER || integer > FIXED_MAX_INTEGER)
        return "I is not in -512..512";
    t->width = (uint8_t)width;
    t->integer = (int16_t)integer;
    return is_integer ? NULL : read_modes(c, t);
}

int fixed_type_parse(struct fixed_type *t, const char *text, struct message *m)
{
    static const struct {
        const char *name;
        uint8_t is_signed, is_integer;
    } kinds[] = {{"ap_fixed", 1, 0}, {"ap_ufixed", 0, 0}, {"ap_int", 1, 1}, {"ap_uint", 0, 1}};
    struct cursor c = {text};
    unsigned k = 0, n = sizeof kinds / sizeof *kinds;
    while (k < n && !take(&c, kinds[k].name))
        k++;
    if (k == n || !take(&c, "<"))
        return refuse(text, "no such type", m);
    *t = (struct fixed_type){.is_signed = kinds[k].is_signed, .round = FIXED_TRN, .overflow = FIXED_WRAP};
    const char *wrong = read_sizes(&c, t, kinds[k].is_integer);
    if (wrong)
        return refuse(text, wrong, m);
    if (!take(&c, ">"))
        return refuse(text, "'>' is missing", m);
    skip_blanks(&c);
    if (*c.at)
        return refuse(text, "something follows the type", m);
    struct message why;
    return fixed_type_check(t, &why) < 0 ? refuse(text, why.text, m) : 0;
}

void fixed_type_print(const struct fixed_type *t, char text[FIXED_TEXT])
{
    const char *name = t->is_signed ? "ap_fixed" : "ap_ufixed";
    bool modes = t->round != FIXED_TRN || t->overflow != FIXED_WRAP || t->wrap_bits;
    int n = snprintf(text, FIXED_TEXT, "%s<%u,%d", name, t->width, t->integer);
    if (modes)
        n += snprintf(text + n, (size_t)(FIXED_TEXT - n), ",%s,%s", fixed_round_name(t->round),
                      fixed_overflow_name(t->overflow));
    if (t->wrap_bits)
        n += snprintf(text + n, (size_t)(FIXED_TEXT - n), ",%u", t->wrap_bits);
    snprintf(text + n, (size_t)(FIXED_TEXT - n), ">");
}
