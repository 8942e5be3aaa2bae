// Adam (Kingma and Ba, 2015, algorithm 1), all weights in one pass over memory.
#pragma once

#include "shapes.h"
#include "vector.h"

namespace mnist {

// What is the same for all weights of a step: the betas, what they leave of 1 (taken in double precision: in float it
// would be off by 1e-5), rate and epsilon with the bias corrections taken in.
struct AdamStep {
  float beta1, beta2, rest1, rest2, rate, epsilon;
};

namespace MNIST_ISA {

static inline void adam_one(const AdamStep& step, float gradient, float& weight, float& mean, float& square) {
  mean = mean * step.beta1 + gradient * step.rest1;
  square = square * step.beta2 + gradient * gradient * step.rest2;
  weight -= mean * step.rate / (__builtin_sqrtf(square) + step.epsilon);
}

// The reference, and the fast version: the compiler makes vectors of the plain loop.
static inline void adam(const AdamStep& step, int count, const float* __restrict gradients, float* __restrict weights,
                        float* __restrict means, float* __restrict squares) {
  for (int index = 0; index < count; index++)
    adam_one(step, gradients[index], weights[index], means[index], squares[index]);
}

}  // namespace MNIST_ISA
}  // namespace mnist
