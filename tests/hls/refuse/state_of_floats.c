struct pair {
    int a;
    float b;
};

void kernel(int x, int *y)
{
    static struct pair last[4];
    *y = last[x & 3].a;
    last[x & 3].a = x;
}
