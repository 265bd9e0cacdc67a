#include "golden/formats/muon.h"

#include <stddef.h>

/* One row a field: where it stands in the word, where in struct gmt_muon, in which layouts (domain.md
 * 1.1). */
struct field {
    uint8_t low, bits, is_signed, size;
    uint8_t layouts; /* bit per enum gmt_layout */
    size_t offset;
};

enum {
    IN_2016 = 1 << GMT_LAYOUT_2016,
    IN_2017 = 1 << GMT_LAYOUT_2017,
    IN_RUN3 = 1 << GMT_LAYOUT_RUN3,
    IN_MEDIUM = 1 << GMT_LAYOUT_INTERMEDIATE,
    IN_ALL = IN_2016 | IN_2017 | IN_RUN3 | IN_MEDIUM,
};

#define FIELD(name, low, bits, is_signed, layouts) \
    {low, bits, is_signed, sizeof((struct gmt_muon *)0)->name, layouts, offsetof(struct gmt_muon, name)}

static const struct field fields[] = {
    FIELD(phi, 0, 10, 0, IN_2017 | IN_RUN3),
    FIELD(phi_raw, 0, 10, 0, IN_2016),
    FIELD(pt_unconstrained, 0, 8, 0, IN_MEDIUM),
    FIELD(reserved, 8, 2, 0, IN_MEDIUM),
    FIELD(pt, 10, 9, 0, IN_ALL),
    FIELD(quality, 19, 4, 0, IN_ALL),
    FIELD(eta, 23, 9, 1, IN_2017 | IN_RUN3 | IN_MEDIUM),
    FIELD(eta_raw, 23, 9, 1, IN_2016),
    FIELD(iso, 32, 2, 0, IN_ALL),
    FIELD(charge_sign, 34, 1, 0, IN_ALL),
    FIELD(charge_valid, 35, 1, 0, IN_ALL),
    FIELD(index, 36, 7, 0, IN_ALL),
    FIELD(reserved, 43, 21, 0, IN_2016),
    FIELD(phi_raw, 43, 10, 0, IN_2017 | IN_RUN3 | IN_MEDIUM),
    FIELD(eta_raw, 53, 9, 1, IN_2017 | IN_MEDIUM),
    FIELD(pt_unconstrained, 53, 8, 0, IN_RUN3),
    FIELD(shower, 61, 1, 0, IN_RUN3),
    FIELD(type, 62, 2, 0, IN_2017),
    FIELD(dxy, 62, 2, 0, IN_RUN3 | IN_MEDIUM),
};
enum { N_FIELDS = sizeof fields / sizeof *fields };

static void store(struct gmt_muon *m, const struct field *f, uint32_t value)
{
    void *member = (char *)m + f->offset;
    if (f->size == 1)
        *(uint8_t *)member = (uint8_t)value;
    else if (f->size == 2)
        *(uint16_t *)member = (uint16_t)value;
    else
        *(uint32_t *)member = value;
}

static uint32_t load(const struct gmt_muon *m, const struct field *f)
{
    const void *member = (const char *)m + f->offset;
    if (f->size == 1)
        return *(const uint8_t *)member;
    return f->size == 2 ? *(const uint16_t *)member : *(const uint32_t *)member;
}

void gmt_unpack(gmt_word w, enum gmt_layout layout, struct gmt_muon *m)
{
    *m = (struct gmt_muon){0};
    for (const struct field *f = fields; f < fields + N_FIELDS; f++) {
        if (!(f->layouts >> layout & 1))
            continue;
        uint32_t sign = f->is_signed ? 1u << (f->bits - 1) : 0;
        uint32_t value = w.v >> f->low & ((1u << f->bits) - 1);
        store(m, f, (value ^ sign) - sign);
    }
}

gmt_word gmt_pack(const struct gmt_muon *m, enum gmt_layout layout)
{
    gmt_word w = {0};
    for (const struct field *f = fields; f < fields + N_FIELDS; f++)
        if (f->layouts >> layout & 1)
            w.v |= (uint64_t)(load(m, f) & ((1u << f->bits) - 1)) << f->low;
    return w;
}

int gmt_delta_phi(unsigned phi, unsigned phi_raw, unsigned charge_sign)
{
    int delta = (int)phi - (int)phi_raw;
    if (charge_sign && delta > 0)
        return delta - GMT_PHI_CODES;
    if (!charge_sign && delta < 0)
        return delta + GMT_PHI_CODES;
    return delta;
}

enum gmt_finder gmt_finder_of(unsigned index)
{
    static const uint8_t end[GMT_FINDERS] = {18, 36, 72, 90, GMT_INDEX_CODES};
    unsigned f = GMT_EMTF_POS;
    while (f < GMT_FINDERS && index >= end[f])
        f++;
    return (enum gmt_finder)f;
}

double gmt_phi_value(unsigned code)
{
    const double pi = 3.14159265358979323846;
    double phi = 2 * pi / GMT_PHI_CODES * code;
    return phi >= pi ? phi - 2 * pi : phi;
}

double gmt_eta_value(int code)
{
    return 0.0870 / 8 * code;
}

double gmt_pt_gev(unsigned code)
{
    return code ? (code - 1) * 0.5 : 0;
}

double gmt_pt_unconstrained_gev(unsigned code)
{
    return code ? code - 1.0 : 0;
}
