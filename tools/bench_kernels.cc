// Clocks a CPU second of a Verilated network with random inputs.
// usage: Vnetwork INTERVAL CLOCKS INPUT_BITS: an input of so many bits every INTERVAL clocks.
#include "Vnetwork.h"
#include "verilated.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>

static uint64_t next(uint64_t &state)
{
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

template <class Port> static void fill(Port &port, unsigned bits, uint64_t &state)
{
    unsigned char *byte = reinterpret_cast<unsigned char *>(&port);
    for (unsigned i = 0; i < bits / 8; i++)
        byte[i] = static_cast<unsigned char>(next(state));
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    long interval = atol(argv[1]), clocks = atol(argv[2]);
    unsigned bits = static_cast<unsigned>(atoi(argv[3]));
    uint64_t state = 1, seen = 0;
    Vnetwork top;
    clock_t start = clock();
    for (long c = 0; c < clocks; c++) {
        top.clk_i = 0;
        top.rst_i = c < 4;
        top.valid_i = c % interval == 0;
        if (top.valid_i)
            fill(top.x_i, bits, state);
        top.eval();
        top.clk_i = 1;
        top.eval();
        seen += top.valid_o;
    }
    double took = static_cast<double>(clock() - start) / CLOCKS_PER_SEC;
    printf("%.0f\n", static_cast<double>(clocks) / took);
    return seen > 0 ? 0 : 1;
}
