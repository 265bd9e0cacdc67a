/* orbit_counter: numbers the bunch crossings. A call is one BX; `sync` (BC0) says that this one is BX 0. `bx`
 * is 0..3563 and `orbit` counts the orbits begun since reset; `slipped` says that `sync` came where the
 * counter did not expect it, or did not come where it did. Before the first `sync` nothing can slip. */
#include "hls/kernels/hls.h"

enum { LAST_BX = 3563 };

void orbit_counter(u1 sync, u12 *bx, u32 *orbit, u1 *slipped)
{
    static u12 next_bx = 0;
    static u32 orbits = 0;
    static bool running = false;
    bool begins = sync || next_bx == 0;
    *slipped = running && sync != (next_bx == 0);
    *bx = sync ? 0 : next_bx;
    orbits += begins;
    *orbit = orbits;
    next_bx = sync ? 1 : next_bx == LAST_BX ? 0 : (u12)(next_bx + 1);
    running |= sync;
}
