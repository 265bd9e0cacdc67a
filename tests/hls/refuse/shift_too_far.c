void kernel(int a, unsigned char n, int *y)
{
    *y = a >> n;
}
