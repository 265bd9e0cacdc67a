/* Quotient and remainder of one pair share a divider; 64 bits; a state that is divided. */
void by_variables(unsigned a, unsigned b, _BitInt(20) c, _BitInt(12) d, unsigned long e, unsigned short f,
                  unsigned y[2], int z[2], unsigned long *w, unsigned *phase)
{
    static unsigned short count = 1;
    y[0] = a / (b | 1);
    y[1] = a % (b | 1);
    z[0] = c / (d | 2);
    z[1] = c % (d | 2);
    *w = e / (f + 1u);
    *phase = count % 6;
    count++;
}
