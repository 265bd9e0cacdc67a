/* Small, large, even and negative divisors, at all widths, signed and not. */
void by_constants(signed char a, short b, int c, unsigned d, long e, unsigned long f, int y[6], long z[6])
{
    y[0] = a / 3;
    y[1] = b % -10;
    y[2] = c / 3564;
    y[3] = c % 1000000007;
    y[4] = (int)(d / 7u);
    y[5] = (int)(d % 0x80000001u);
    z[0] = e / 12;
    z[1] = e % -999999999999l;
    z[2] = (long)(f / 10u);
    z[3] = (long)(f % 0x8000000000000003u);
    z[4] = c / 64;
    z[5] = b % 64;
}
