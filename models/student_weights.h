/* Written by models/train.py: the integers of trained_student.onnx. See README.md. */
#ifndef MODELS_STUDENT_WEIGHTS_H
#define MODELS_STUDENT_WEIGHTS_H

enum { STUDENT_LAYERS = 5 };

/* Inputs of the network, then the outputs of each layer; the shift of each layer. */
static const unsigned char student_size[6] = {5, 8, 8, 8, 8, 3};
static const unsigned char student_shift[5] = {7, 5, 5, 5, 2};

static const signed char student_w0[8][5] = {
    {0, -1, 12, 12, -5},
    {1, -10, 23, -20, 5},
    {0, 21, -10, -17, -4},
    {0, -2, 11, 27, -2},
    {0, -4, -27, -17, -3},
    {0, 14, -13, -27, 2},
    {-1, 10, 22, -32, -5},
    {0, -33, -12, 11, 1},
};
static const short student_b0[8] = {
    2520, 2714, 804, 1090, -816, 891, 1356, -824,
};

static const signed char student_w1[8][8] = {
    {0, -70, -10, 8, 16, -9, -21, 18},
    {-2, -9, 5, 3, -7, 5, 5, 9},
    {-9, -4, -3, 2, -9, -11, 4, -3},
    {-14, -16, 4, -7, 36, 10, -41, 8},
    {-16, -48, 5, -10, 23, 1, -57, 9},
    {-13, -2, 12, -21, 25, 15, -13, -4},
    {12, 40, -21, -4, 15, -13, 55, 17},
    {-14, -46, 12, 1, 18, 6, -41, 15},
};
static const short student_b1[8] = {
    410, -301, -35, -95, 59, 207, -235, -309,
};

static const signed char student_w2[8][8] = {
    {-7, 1, 11, -7, 6, -6, -11, -2},
    {-16, 9, -7, 1, 28, 18, 22, 36},
    {7, 3, -8, -10, -5, -1, -7, 4},
    {-6, -3, 4, 10, 21, 14, -15, 50},
    {2, 0, -11, -26, -36, -43, -3, -46},
    {5, 4, 4, 6, -25, 3, 24, -30},
    {-31, -5, -3, 14, 19, 15, 42, 39},
    {21, 0, -8, 19, 3, -2, 2, -28},
};
static const short student_b2[8] = {
    -234, -100, -313, -297, 755, 25, 86, -66,
};

static const signed char student_w3[8][8] = {
    {-5, 13, 8, 0, 56, -1, 26, -8},
    {3, -8, 10, -6, -91, 21, -6, 17},
    {2, 15, 2, 16, -128, -15, 23, 11},
    {8, -8, -4, 10, -9, 10, -9, -8},
    {6, -4, -3, 24, 7, 18, 3, -37},
    {11, -12, -5, -16, -43, 43, -4, -3},
    {-9, -1, 5, 0, -6, 0, -11, -8},
    {-8, 14, 10, 8, -75, -21, 13, -7},
};
static const short student_b3[8] = {
    -14, 610, -109, -45, 642, 433, -205, 97,
};

static const signed char student_w4[3][8] = {
    {13, -41, 26, -8, -2, -20, 3, 12},
    {12, 6, 4, -5, -24, -1, -5, -2},
    {-21, -1, 12, 3, -11, -16, -10, 8},
};
static const short student_b4[3] = {
    -703, -34, 274,
};

#endif
