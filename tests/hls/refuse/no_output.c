void kernel(int a)
{
    (void)a;
}
