/* The initial value is none that is ever written. */
void outside_start(unsigned char x, int *y, int *z)
{
    static int last = 500, least = -70000;
    *y = last;
    *z = least;
    last = x & 7;
    least = x;
}
