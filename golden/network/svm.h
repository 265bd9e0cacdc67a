/* An SVMRegressor as its attributes give it. Internal to golden/network. */
#ifndef GOLDEN_NETWORK_SVM_H
#define GOLDEN_NETWORK_SVM_H

#include "golden/network/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* rho + sum of coefficient[i] * kernel(x, vector i). */
struct svm {
    uint32_t features, supports; /* supports = 0: a linear function, its weights are the coefficients */
    const double *coefficient, *vector;
    double gamma, offset, degree, rho;
    char kernel; /* L (linear), P (polynomial), R (RBF), S (sigmoid) */
};

/* NULL, or what is wrong with the attributes. */
const char *svm_read(const struct graph *g, const struct net_node *n, struct svm *s);

#ifdef __cplusplus
}
#endif
#endif
