void kernel(int a, int *y)
{
    *y = (int)((float)a * 1.5f);
}
