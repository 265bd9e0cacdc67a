int kernel(int a)
{
    return a;
}
