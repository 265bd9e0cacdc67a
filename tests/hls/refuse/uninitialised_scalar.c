void kernel(int a, int *y)
{
    int t;
    if (a > 3)
        t = a;
    *y = t;
}
