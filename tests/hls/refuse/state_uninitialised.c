void kernel(int x, int *y)
{
    static int sum;
    int a[2];
    a[x & 1] = x;
    *y = sum;
    sum = a[0];
}
