void kernel(int n, int *y)
{
    int sum = 0;
    for (int i = 0; i < n; i++)
        sum += i * i ^ sum;
    *y = sum;
}
