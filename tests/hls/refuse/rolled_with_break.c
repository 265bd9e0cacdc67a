/* refused: a rolled loop always takes all of its rounds */
#include <stdint.h>

void kernel(const int16_t x[4], int *y)
{
    int sum = 0;
    _Pragma("clang loop unroll(disable)")
    for (int i = 0; i < 4; i++) {
        if (x[i] == 7)
            break;
        sum += x[i] * i;
    }
    *y = sum;
}
