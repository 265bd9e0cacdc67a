void kernel(int valid, int *y)
{
    *y = valid;
}
