void kernel(int größe, int *y)
{
    *y = größe;
}
