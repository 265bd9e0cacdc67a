void other(int a, int *y)
{
    *y = a;
}
