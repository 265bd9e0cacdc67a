void kernel(int a, int *y)
{
    int t[4];
    t[0] = a;
    *y = t[0] & t[1];
}
