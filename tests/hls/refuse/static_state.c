void kernel(int a, int *y)
{
    static int sum;
    sum += a;
    *y = sum;
}
