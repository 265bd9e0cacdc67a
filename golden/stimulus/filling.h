/* Which of the 3564 slots of an orbit hold bunches: a filling scheme as trains and gaps (domain.md 4.4).
 *
 *     static const struct filling_train trains[] = {{.first_bx = 100, .bunches = 72}};
 *     filling_beam(trains, 1, slots, &message);
 */
#ifndef GOLDEN_STIMULUS_FILLING_H
#define GOLDEN_STIMULUS_FILLING_H

#include "golden/bx.h"
#include "golden/message.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* `bunches` bunches from slot first_bx on: `fill` filled slots, then `empty` empty ones, and so on (25 ns:
 * fill = empty = 0; 50 ns: 1, 1; 8b4e: 8, 4). All that `repeat` times, the first slots `period` apart (repeat
 * 0 counts as 1). */
struct filling_train {
    uint16_t first_bx, bunches;
    uint16_t fill, empty;
    uint16_t repeat, period;
};

/* 1 in slots[b] for each bunch. -1 with a message when a train has no bunch, leaves the orbit, or two
 * overlap. */
int filling_beam(const struct filling_train *trains, size_t n, uint8_t slots[BX_PER_ORBIT],
                 struct message *m);

struct filling_scheme {
    const char *name;
    const struct filling_train *beam[2];
    size_t trains[2];
};

/* The presets, for lists and help; the last one has the name NULL. */
extern const struct filling_scheme filling_presets[];

/* NULL when there is none of that name. */
const struct filling_scheme *filling_preset(const char *name);

/* 1 where both beams are filled: the collisions at IP 1 and 5. Returns their number, or -1 with a message. */
int filling_collisions(const struct filling_scheme *scheme, uint8_t colliding[BX_PER_ORBIT],
                       struct message *m);

#ifdef __cplusplus
}
#endif
#endif
