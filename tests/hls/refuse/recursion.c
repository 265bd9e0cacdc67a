static int f(int n, int x)
{
    return n == 0 ? x : f(n - 1, x * 3 + n);
}

void kernel(int a, int *y)
{
    *y = f(a & 7, a) + f(a & 3, 1);
}
