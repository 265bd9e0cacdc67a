static int sum(const int *a)
{
    int s = 0;
    for (int i = 0; i <= 4; i++)
        s += a[i];
    return s;
}

void kernel(const int in[4], int *y)
{
    int a[4];
    for (int i = 0; i < 4; i++)
        a[i] = in[i] * 3;
    *y = sum(a);
}
