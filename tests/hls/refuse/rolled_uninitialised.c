/* refused: the first round reads what no round has written */
#include <stdint.h>

void kernel(const int16_t x[4], int *y)
{
    int t[4], sum = 0;
    _Pragma("clang loop unroll(disable)")
    for (int i = 0; i < 4; i++) {
        sum += t[3 - i];
        t[i] = x[i];
    }
    *y = sum;
}
