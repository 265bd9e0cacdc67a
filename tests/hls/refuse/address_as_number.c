void kernel(int a, int *y)
{
    *y = (int)(long)&a;
}
