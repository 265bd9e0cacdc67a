void kernel(const int a[8], unsigned char i, int *y)
{
    *y = a[i];
}
