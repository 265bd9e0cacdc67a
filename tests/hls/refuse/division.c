void kernel(int a, int b, int *y)
{
    *y = a / b;
}
