/* What the states take in is several stages away, and one of them takes in the other. */
static int product(int a, int b)
{
    return a * b * (a - b);
}

void far_down(short a, short b, _BitInt(5) clear, int *sum, unsigned *largest, int *old)
{
    static int total = 1000;
    static unsigned most;
    static _BitInt(20) never_read = 3, never_written = 77;
    int x = product(a, b);
    *old = total;
    total = clear == 0 ? 0 : total + x;
    most = (unsigned)total > most ? (unsigned)total : most;
    never_read += a;
    *sum = total + never_written;
    *largest = most;
}
