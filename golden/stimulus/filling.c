#include "golden/stimulus/filling.h"

#include <string.h>

static unsigned train_slot(const struct filling_train *t, unsigned copy, unsigned bunch)
{
    unsigned gaps = t->fill ? bunch / t->fill : 0;
    return t->first_bx + copy * t->period + bunch + gaps * t->empty;
}

static int place(uint8_t slots[BX_PER_ORBIT], unsigned train, unsigned slot, struct message *m)
{
    if (slot >= BX_PER_ORBIT)
        return message_set(m, "filling: train %u: bunch in slot %u is outside the orbit (give slots 0..%d)",
                           train, slot, BX_PER_ORBIT - 1);
    if (slots[slot])
        return message_set(m, "filling: train %u: slot %u is filled already (move a train)", train, slot);
    slots[slot] = 1;
    return 0;
}

static int check_train(const struct filling_train *t, unsigned train, struct message *m)
{
    if (t->bunches == 0)
        return message_set(m, "filling: train %u: bunches: 0 (give 1..%d)", train, BX_PER_ORBIT);
    if (t->fill == 0 && t->empty != 0)
        return message_set(m, "filling: train %u: fill: 0 with %u empty slots (give both or none)", train,
                           t->empty);
    if (t->repeat > 1 && t->period == 0)
        return message_set(m, "filling: train %u: period: 0 with %u repetitions (give 1..%d)", train,
                           t->repeat, BX_PER_ORBIT - 1);
    return 0;
}

int filling_beam(const struct filling_train *trains, size_t n, uint8_t slots[BX_PER_ORBIT], struct message *m)
{
    memset(slots, 0, BX_PER_ORBIT);
    for (unsigned i = 0; i < n; i++) {
        const struct filling_train *t = &trains[i];
        unsigned copies = t->repeat ? t->repeat : 1;
        if (check_train(t, i, m) < 0)
            return -1;
        for (unsigned copy = 0; copy < copies; copy++)
            for (unsigned bunch = 0; bunch < t->bunches; bunch++)
                if (place(slots, i, train_slot(t, copy, bunch), m) < 0)
                    return -1;
    }
    return 0;
}

int filling_collisions(const struct filling_scheme *scheme, uint8_t colliding[BX_PER_ORBIT],
                       struct message *m)
{
    uint8_t other[BX_PER_ORBIT];
    int n = 0;
    if (filling_beam(scheme->beam[0], scheme->trains[0], colliding, m) < 0 ||
        filling_beam(scheme->beam[1], scheme->trains[1], other, m) < 0)
        return -1;
    for (unsigned bx = 0; bx < BX_PER_ORBIT; bx++) {
        colliding[bx] &= other[bx];
        n += colliding[bx];
    }
    return n;
}

/* The presets are real schemes (domain.md 4.4; PyCOMPLETE/FillingPatterns, examples). Both beams have the
 * same trains but for their first, short one. Rows: first slot, bunches, fill, empty, repeat, period. */
#define TRAINS_2760B                                                                                 \
    {69, 12, 0, 0, 1, 0}, {112, 72, 0, 0, 4, 79}, {452, 72, 0, 0, 4, 79}, {824, 72, 0, 0, 2, 79},    \
    {1006, 72, 0, 0, 4, 79}, {1346, 72, 0, 0, 4, 79}, {1718, 72, 0, 0, 2, 79}, {1900, 72, 0, 0, 4, 79},\
    {2240, 72, 0, 0, 4, 79}, {2612, 72, 0, 0, 2, 79}, {2794, 72, 0, 0, 4, 79}, {3134, 72, 0, 0, 4, 79}
#define TRAINS_2744B                                                                                 \
    {51, 48, 0, 0, 2, 55}, {185, 48, 0, 0, 5, 55}, {484, 48, 0, 0, 5, 55}, {783, 48, 0, 0, 5, 55},   \
    {1082, 48, 0, 0, 5, 55}, {1381, 48, 0, 0, 5, 55}, {1680, 48, 0, 0, 5, 55}, {1979, 48, 0, 0, 5, 55},\
    {2278, 48, 0, 0, 5, 55}, {2577, 48, 0, 0, 5, 55}, {2876, 48, 0, 0, 5, 55}, {3175, 48, 0, 0, 5, 55}
#define TRAINS_1972B                                                                                 \
    {60, 56, 8, 4, 4, 87}, {432, 56, 8, 4, 4, 87}, {831, 56, 8, 4, 2, 111}, {1029, 56, 8, 4, 3, 87}, \
    {1314, 56, 8, 4, 4, 87}, {1725, 56, 8, 4, 2, 111}, {1923, 56, 8, 4, 3, 87}, {2208, 56, 8, 4, 4, 87},\
    {2619, 56, 8, 4, 2, 111}, {2817, 56, 8, 4, 3, 87}, {3102, 56, 8, 4, 4, 87}

static const struct filling_train beam1_2760b[] = {{26, 12, 0, 0, 1, 0}, TRAINS_2760B};
static const struct filling_train beam2_2760b[] = {{14, 12, 0, 0, 1, 0}, TRAINS_2760B};
static const struct filling_train beam1_2744b[] = {{0, 8, 0, 0, 1, 0}, TRAINS_2744B};
static const struct filling_train beam2_2744b[] = {{12, 8, 0, 0, 1, 0}, TRAINS_2744B};
static const struct filling_train beam1_1972b[] = {{12, 12, 0, 0, 1, 0}, TRAINS_1972B};
static const struct filling_train beam2_1972b[] = {{0, 12, 0, 0, 1, 0}, TRAINS_1972B};

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define SCHEME(name, one, two) {name, {one, two}, {COUNT(one), COUNT(two)}}

const struct filling_scheme filling_presets[] = {
    SCHEME("25ns_2760b", beam1_2760b, beam2_2760b),
    SCHEME("25ns_2744b_BCMS", beam1_2744b, beam2_2744b),
    SCHEME("8b4e_1972b", beam1_1972b, beam2_1972b),
    {NULL, {NULL, NULL}, {0, 0}},
};

const struct filling_scheme *filling_preset(const char *name)
{
    for (const struct filling_scheme *s = filling_presets; s->name; s++)
        if (strcmp(s->name, name) == 0)
            return s;
    return NULL;
}
