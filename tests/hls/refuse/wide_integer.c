void kernel(unsigned long a, unsigned long b, unsigned long *y)
{
    *y = (unsigned long)((unsigned __int128)a * b >> 64);
}
