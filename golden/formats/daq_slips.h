/* The zero suppression of the scouting DAQ's software as of June 2022 (scouting-es c39e84a), slips included:
 * what files of that time look like for a given DMA stream (domain.md 3.2). Nothing else in bxact does this.
 *
 *   1. bx comes from the hit map, so that bxmatch is always 0xff;
 *   2. `extra` is that bx with bit 0 forced: raw eta and the intermediate flag are lost;
 *   3. all orbits of a packet read the packet's first one again;
 *   4. a block without muons moves the data on, but not the hit map: later BX of the orbit are one off.
 */
#ifndef GOLDEN_FORMATS_DAQ_SLIPS_H
#define GOLDEN_FORMATS_DAQ_SLIPS_H

#include "golden/formats/bx_item.h"

#ifdef __cplusplus
extern "C" {
#endif

struct daq_slips {
    unsigned orbits;        /* of this packet, that have begun */
    unsigned blocks;        /* of its first orbit */
    unsigned next, hits;    /* block and place in the hit map that come next, while an orbit is given out */
    enum link_format layout;
    uint16_t bx[BX_PER_ORBIT];
    struct bx_block block[BX_PER_ORBIT];
};

/* Takes an item of a stream with orbits and packets (dma2022) of links. Returns 1 when records are due: then
 * daq_slips_give fills one after the other, until it returns 0. */
int daq_slips_take(struct daq_slips *d, const struct bx_item *item);
int daq_slips_give(struct daq_slips *d, struct bx_item *record);

#ifdef __cplusplus
}
#endif
#endif
