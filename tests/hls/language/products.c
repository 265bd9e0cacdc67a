/* Products that end a kernel, so wide that their DSP blocks have registers behind them. */
void products(short a, short b, int c, int d, int *small, long *wide)
{
    *small = a * b;
    *wide = (long)c * d;
}
