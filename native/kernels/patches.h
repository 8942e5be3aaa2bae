// Sums over short lists of patches, which both gradients of a convolution are. Only the window position that held the
// maximum, and only where ReLU let it through, has a gradient: with MNIST one convolution output in six.
#pragma once

#include <cstddef>

#include "shapes.h"
#include "vector.h"

namespace mnist {
namespace MNIST_ISA {

// One kernel row, [kernel][in_channels], is contiguous in input and weights alike: its length in whole vectors.
static inline int row_vectors(const ConvShape& s) { return (s.row_taps() + kLanes - 1) / kLanes; }
static inline int row_floats(const ConvShape& s) { return row_vectors(s) * kLanes; }
// Floats of weights or gradients in the layout [filter][kernel row][row_floats].
static inline size_t by_filter_size(const ConvShape& s) {
  return static_cast<size_t>(s.filters) * s.kernel * row_floats(s);
}

// Where the gradient of one cell and filter goes: the input offset of its position.
static inline int corner_of(const ConvShape& s, int cell, int code) {
  const int y = 2 * (cell / s.out_width()) + code / 2, x = 2 * (cell % s.out_width()) + code % 2;
  return y * s.row_stride() + x * s.in_channels;
}

// One term of a sum over patches: `gradient` times the patch that begins at `offset`.
struct Term {
  int32_t offset;
  float gradient;
};

struct Patch {
  ptrdiff_t to_stride, from_stride;  // floats from one row to the next
};

// Adds terms to a patch of kRows rows of kVectors vectors, which stays in registers while the terms go by. Addresses are
// stepped from row to row: computed for each load they would cost more than the arithmetic.
template <int kVectors, int kRows>
static void add_terms(float* to, const float* from, Patch patch, const Term* terms, int count) {
  Vector sums[kRows][kVectors];
  float* to_row = to;
#pragma GCC unroll 8
  for (int row = 0; row < kRows; row++, to_row += patch.to_stride)
#pragma GCC unroll 16
    for (int part = 0; part < kVectors; part++) sums[row][part] = load(to_row + part * kLanes);
  for (const Term* term = terms; term < terms + count; term++) {
    const float* from_row = from + term->offset;
    const Vector gradient = broadcast(term->gradient);
#pragma GCC unroll 8
    for (int row = 0; row < kRows; row++, from_row += patch.from_stride)
#pragma GCC unroll 16
      for (int part = 0; part < kVectors; part++) sums[row][part] += gradient * load(from_row + part * kLanes);
  }
  to_row = to;
#pragma GCC unroll 8
  for (int row = 0; row < kRows; row++, to_row += patch.to_stride)
#pragma GCC unroll 16
    for (int part = 0; part < kVectors; part++) store(to_row + part * kLanes, sums[row][part]);
}

using AddTerms = void (*)(float*, const float*, Patch, const Term*, int);

constexpr int kSums = kLanes == 16 ? 25 : 12;  // vectors that fit in registers beside gradient and operands
constexpr int kMaxVectors = 12, kMaxRows = 5;

template <int kVectors, int kRows>
constexpr AddTerms add_terms_if_it_fits() {
  if constexpr (kVectors * kRows <= kSums) return add_terms<kVectors, kRows>;
  return nullptr;
}

#define MNIST_ROWS(v)                                                                                       \
  {add_terms_if_it_fits<v, 1>(), add_terms_if_it_fits<v, 2>(), add_terms_if_it_fits<v, 3>(),               \
   add_terms_if_it_fits<v, 4>(), add_terms_if_it_fits<v, 5>()}
static const AddTerms kAddTerms[kMaxVectors][kMaxRows] = {
    MNIST_ROWS(1), MNIST_ROWS(2), MNIST_ROWS(3), MNIST_ROWS(4),  MNIST_ROWS(5),  MNIST_ROWS(6),
    MNIST_ROWS(7), MNIST_ROWS(8), MNIST_ROWS(9), MNIST_ROWS(10), MNIST_ROWS(11), MNIST_ROWS(12)};
#undef MNIST_ROWS

// Adds terms to a whole filter's patch, in as few pieces as registers allow.
static inline void add_to_patch(const ConvShape& s, float* to, const float* from, Patch patch, const Term* terms,
                                int count) {
  if (count == 0) return;
  const int vectors = row_vectors(s), pieces = (vectors + kMaxVectors - 1) / kMaxVectors;
  const int width = (vectors + pieces - 1) / pieces;
  for (int part = 0; part < vectors; part += width) {
    const int columns = vectors - part < width ? vectors - part : width;
    const int fitting = kSums / columns < kMaxRows ? kSums / columns : kMaxRows;
    for (int row = 0; row < s.kernel; row += fitting) {
      const int rows = s.kernel - row < fitting ? s.kernel - row : fitting;
      kAddTerms[columns - 1][rows - 1](to + row * patch.to_stride + part * kLanes,
                                       from + row * patch.from_stride + part * kLanes, patch, terms, count);
    }
  }
}

}  // namespace MNIST_ISA
}  // namespace mnist
