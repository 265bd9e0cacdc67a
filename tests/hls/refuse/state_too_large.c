void kernel(int x, int *y)
{
    static int last[8192];
    *y = last[x & 8191];
    last[x & 8191] = x;
}
