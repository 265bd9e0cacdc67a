/* refused: the next round cannot wait for two products */
#include <stdint.h>

void kernel(int16_t x, int *y)
{
    int power = 1;
    _Pragma("clang loop unroll(disable)")
    for (int i = 0; i < 4; i++)
        power = (int16_t)(power * x) * x;
    *y = power;
}
