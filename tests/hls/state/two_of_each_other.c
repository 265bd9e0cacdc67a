/* Each state is computed from the other one; helper functions have states of their own. */
static short limited(short x)
{
    static short limit = 100;
    limit = x < limit ? (short)(limit - 1) : (short)(limit + 3);
    return limit;
}

void two_of_each_other(short x, unsigned char n, short *y, int *z)
{
    static int a = -5, b = 7;
    static const int step[4] = {1, -2, 30, -400};
    int before = a;
    if (n & 1)
        a = b + step[n >> 1 & 3];
    if (n & 8)
        b = before ^ x;
    *y = limited(x);
    *z = a - b;
}
