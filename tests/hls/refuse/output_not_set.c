void kernel(int a, int y[2])
{
    y[0] = a;
}
