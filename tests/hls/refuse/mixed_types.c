void kernel(const unsigned a[2], int i, unsigned *y)
{
    unsigned t[2] = {a[0], a[1]};
    *y = ((const unsigned char *)t)[i & 7];
}
