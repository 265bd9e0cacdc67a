/* A table that ends in zeros is one array, whatever compilers make of it. */
static const int powers[64] = {1, 3, 9, 27, 81, 243, 729, 2187, 6561, 19683, 59049};
static short seen[40] = {5, 4, 3, 2, 1};

void zeros_at_the_end(unsigned char at, int *power, short *last)
{
    *power = powers[at & 63];
    *last = seen[at % 40];
    seen[at % 40] = at;
}
