int outside(int a);

void kernel(int a, int *y)
{
    *y = outside(a);
}
