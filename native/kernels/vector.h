// A vector of floats as wide as the instruction set that this file is compiled for. Everything that uses it is compiled
// once for each set, in a namespace of its own, and chosen when the program runs (dispatch.cc).
#pragma once

#include <cstdint>
#include <cstring>

#if defined(__AVX512F__)
#define MNIST_ISA avx512
#define MNIST_LANES 16
#elif defined(__AVX2__) && defined(__FMA__)
#define MNIST_ISA avx2
#define MNIST_LANES 8
#else
#define MNIST_ISA portable
#define MNIST_LANES 4
#endif

namespace mnist {
namespace MNIST_ISA {

constexpr int kLanes = MNIST_LANES;

typedef float Vector __attribute__((vector_size(MNIST_LANES * 4)));
typedef int32_t Mask __attribute__((vector_size(MNIST_LANES * 4)));
typedef float UnalignedVector __attribute__((vector_size(MNIST_LANES * 4), aligned(4), may_alias));

static inline Vector load(const float* from) { return *reinterpret_cast<const UnalignedVector*>(from); }
static inline void store(float* to, Vector values) { *reinterpret_cast<UnalignedVector*>(to) = values; }
static inline Vector broadcast(float value) { return value - Vector{}; }
static inline Vector larger(Vector left, Vector right) { return left > right ? left : right; }

static inline float sum(Vector values) {
  float total = 0;
  for (int lane = 0; lane < kLanes; lane++) total += values[lane];
  return total;
}

// Stores the first `count` lanes alone.
static inline void store_some(float* to, Vector values, int count) {
  if (count >= kLanes) return store(to, values);
  float lanes[kLanes];
  store(lanes, values);
  std::memcpy(to, lanes, count * sizeof(float));
}

}  // namespace MNIST_ISA
}  // namespace mnist
