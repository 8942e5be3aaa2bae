// Computes plain::activate and plain::activation_gradient by vectors, sigmoid and tanh from a polynomial (Moshier's
// Cephes), which is within a few units of the last place.
#pragma once

#include <algorithm>

#include "shapes.h"
#include "vector.h"

namespace mnist {
namespace MNIST_ISA {

static inline Vector choose(Mask condition, Vector yes, Vector no) { return condition ? yes : no; }

// e to the power of each value; what is not a number stays so.
static inline Vector exponential(Vector x) {
  const Vector most = broadcast(88.0f), least = broadcast(-87.0f);
  x = choose(x > most, most, x);
  x = choose(x < least, least, x);
  const Vector halves = x * 1.44269504f + choose(x >= Vector{}, broadcast(0.5f), broadcast(-0.5f));
  const Mask power = __builtin_convertvector(halves, Mask);
  const Vector whole = __builtin_convertvector(power, Vector);
  x = x - whole * 0.693359375f - whole * -2.12194440e-4f;
  Vector sum = broadcast(1.9875691500e-4f);
  for (const float factor : {1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f, 1.6666665459e-1f, 5.0000001201e-1f})
    sum = sum * x + factor;
  sum = sum * x * x + x + 1.0f;
  return sum * reinterpret_cast<Vector>((power + 127) << 23);
}

static inline Vector sigmoid(Vector x) { return 1.0f / (1.0f + exponential(-x)); }

static inline Vector hyperbolic_tangent(Vector x) {
  const Vector square = x * x;
  Vector sum = broadcast(-5.70498872745e-3f);
  for (const float factor : {2.06390887954e-2f, -5.37397155531e-2f, 1.33314422036e-1f, -3.33332819422e-1f})
    sum = sum * square + factor;
  const Vector near = sum * square * x + x, size = choose(x < Vector{}, -x, x);
  const Vector far = 1.0f - 2.0f / (exponential(size + size) + 1.0f);
  return choose(size < broadcast(0.625f), near, choose(x < Vector{}, -far, far));
}

// Calls change(vector) on each of `count` values; the last lanes beyond them are put back as they were.
template <typename Change>
static inline void change_vectors(int count, float* values, const Change& change) {
  for (int at = 0; at < count; at += kLanes) store_some(values + at, change(load(values + at), at), count - at);
}

// Both read up to a vector past the end of the values.
static inline void activate(Activation activation, int count, float* values) {
  if (activation == Activation::kRelu)
    change_vectors(count, values, [](Vector x, int) { return choose(x <= Vector{}, Vector{}, x); });
  if (activation == Activation::kSigmoid) change_vectors(count, values, [](Vector x, int) { return sigmoid(x); });
  if (activation == Activation::kTanh) change_vectors(count, values, [](Vector x, int) { return hyperbolic_tangent(x); });
}

static inline void activation_gradient(Activation activation, int count, const float* given, float* d_values) {
  if (activation == Activation::kRelu)
    change_vectors(count, d_values, [&](Vector d, int at) { return choose(load(given + at) <= Vector{}, Vector{}, d); });
  if (activation == Activation::kSigmoid)
    change_vectors(count, d_values, [&](Vector d, int at) { return d * load(given + at) * (1.0f - load(given + at)); });
  if (activation == Activation::kTanh)
    change_vectors(count, d_values, [&](Vector d, int at) { return d * (1.0f - load(given + at) * load(given + at)); });
}

}  // namespace MNIST_ISA
}  // namespace mnist
