struct pair {
    int a, b;
};

void kernel(struct pair p, int *y)
{
    *y = p.a + p.b;
}
