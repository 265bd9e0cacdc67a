void kernel(const int a[4], const int b[4], int c, int *y)
{
    int x[4], z[4];
    for (int i = 0; i < 4; i++) {
        x[i] = a[i] + 1;
        z[i] = b[i] ^ 5;
    }
    const int *p = c ? x : z;
    *y = p[c & 3];
}
