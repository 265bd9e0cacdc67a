void kernel(int x, int *y)
{
    static int sum = 1;
    int a = sum * x;
    int b = a * (x ^ 5);
    sum = b + 3;
    *y = sum;
}
