static void kernel(int a, int *y)
{
    *y = a;
}

void (*const keep)(int, int *) = kernel;
