/* refused: one level only */
#include <stdint.h>

void kernel(const int16_t x[4], int *y)
{
    int sum = 0;
    _Pragma("clang loop unroll(disable)")
    for (int i = 0; i < 4; i++) {
        _Pragma("clang loop unroll(disable)")
        for (int j = 0; j < 4; j++)
            sum += x[i] * x[j] * (i - j);
    }
    *y = sum;
}
