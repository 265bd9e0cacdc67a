void kernel(int a, int *y)
{
    if (a > 0)
        *y = a;
}
