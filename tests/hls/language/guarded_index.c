/* An index that only the condition around the access keeps in its array. */
void guarded_index(int i, const short a[10], int *y)
{
    *y = -1;
    if (i >= 0 && i < 10)
        *y = a[i];
    static int h[6];
    if (i > 20 && i <= 26)
        h[i - 21] = i;
    *y += h[3];
}
