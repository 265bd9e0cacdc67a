void kernel(unsigned a, unsigned b, unsigned *y)
{
    *y = b < 100 ? a / b : 0;
}
