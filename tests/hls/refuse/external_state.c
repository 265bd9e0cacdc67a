extern int count;

void kernel(int a, int *y)
{
    count += a;
    *y = count;
}
