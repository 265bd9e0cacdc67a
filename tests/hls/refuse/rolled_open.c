/* refused: the number of rounds depends on an input */
#include <stdint.h>

void kernel(uint8_t n, int *y)
{
    int sum = 0;
    _Pragma("clang loop unroll(disable)")
    for (int i = 0; i < n; i++)
        sum ^= sum * 3 + i;
    *y = sum;
}
