void kernel(unsigned _BitInt(65) a, int *y)
{
    *y = (int)a;
}
