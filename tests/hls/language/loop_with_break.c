/* Loops that end early: every round up to the bound is there, and counts while none has left. */
void loop_with_break(const unsigned short in[32], unsigned *at, unsigned *sum)
{
    unsigned s = 0, k;
    for (k = 0; k < 32; k++) {
        if (in[k] > 1000)
            break;
        if (in[k] & 1)
            continue;
        s += in[k];
    }
    *at = k;
    *sum = s;
    int n = 0;
    while (n < 20 && in[n] != 7)
        n++;
    *sum += (unsigned)n;
}
