void kernel(int a, int *y)
{
    *y = a +;
}
