/* Masks with holes: below them only some bits of a sum matter, and those to the top of the mask do. */
int turns = 0; /* state, although it is not static */

void masks(short a, short b, int *low, int *middle, int *high, unsigned char *even, int *seen)
{
    *low = (a + b) & 0x55;
    *middle = (a - b) & 0x5a50;
    *high = (a * b) & ~0xff;
    *even = (unsigned char)((a ^ b) + 1) & 0xaa;
    turns = (turns + 1) & 0x5;
    *seen = turns;
}
