/* Divisors that only a condition keeps from 0 or -1, in the forms people write it. */
void guarded(short a, unsigned char b, short c, int x, int y, int *q, int *r, int *s, int *t, int *u, int *v,
             int *w, long *z)
{
    *q = b ? a / b : 7;
    *r = c > 0 ? a % c : -1;
    *s = c < 0 ? a / c : 1;
    if (y != 0 && y != -1)
        *t = x / y;
    else
        *t = -x;
    int divisor = b == 0 ? 3 : b;
    *u = x % divisor;
    *v = a / (c | 4);
    int distance = x - y;
    *w = distance ? 1000000 / distance : 0;
    *z = 0;
    if (c > 0)
        *z = x / (long)c + y % (long)c;
}
