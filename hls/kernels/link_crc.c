/* link_crc: the CRC-32 of a link's payload, a word a call (docs/chain.md, "gmt_link": poly 0x04C11DB7, init
 * all ones, bit 31 first, not reflected, no final xor). `first` begins a window; `crc` is that of the window
 * up to and with `word`.
 *
 * A CRC is linear: what 32 steps make of a register is the exclusive or of what they make of each of its
 * bits. These 32 columns are constants, so the way from one CRC to the next is one tree of exclusive ors. */
#include "hls/kernels/hls.h"

static u32 shifted_32_times(u32 crc)
{
    for (int i = 0; i < 32; i++)
        crc = crc << 1 ^ (crc >> 31 ? 0x04C11DB7u : 0);
    return crc;
}

static u32 advance(u32 bits)
{
    u32 sum = 0;
    for (int i = 0; i < 32; i++)
        sum ^= bits >> i & 1 ? shifted_32_times((u32)1 << i) : 0;
    return sum;
}

void link_crc(u32 word, u1 first, u32 *crc)
{
    static u32 sum = 0xffffffffu;
    sum = advance(first ? 0xffffffffu : sum) ^ advance(word);
    *crc = sum;
}
