void kernel(int a, int *y)
{
    volatile int x = a;
    *y = x;
}
