// Sums over lists of patches, which both gradients of a convolution are: the inner loops of conv_filter_gradient.h and
// conv_input_gradient.h.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "active_cells.h"

namespace mnist {
namespace MNIST_ISA {

struct Patch {
  ptrdiff_t to_stride, from_stride;  // floats from one row to the next
};

// Keeps an address from being computed where it is used, three terms later, as Clang would have it.
static inline const float* known_now(const float* address) {
#if defined(__clang__)
  asm("" : "+r"(address));
#endif
  return address;
}

// Adds to a patch of kRows rows of kVectors vectors, which stays in registers while the terms go by, each term's gradient
// times its patch of `from`. Addresses are stepped from row to row: computed for each load they would cost more than the
// arithmetic. Where a patch begins is known kAhead terms before: loads that wait for their address hold up all others.
template <int kVectors, int kRows>
static void add_terms(float* to, const float* from, Patch patch, Terms terms) {
  Vector sums[kRows][kVectors];
  float* to_row = to;
#pragma GCC unroll 8
  for (int row = 0; row < kRows; row++, to_row += patch.to_stride)
#pragma GCC unroll 16
    for (int part = 0; part < kVectors; part++) sums[row][part] = load(to_row + part * kLanes);
  const float *next = from + terms.offsets[0], *second = from + terms.offsets[1], *third = from + terms.offsets[2];
  for (int at = 0; at < terms.count; at++) {
    const float* from_row = next;
    next = second, second = third, third = known_now(from + terms.offsets[at + kAhead]);
    const Vector gradient = broadcast(terms.gradients[at]);
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

// The other way round: the patch `from` stays in registers, and each term adds its gradient times that to its own patch of
// `to`.
template <int kVectors, int kRows>
static void spread_terms(float* to, const float* from, Patch patch, Terms terms) {
  Vector factors[kRows][kVectors];
#pragma GCC unroll 8
  for (int row = 0; row < kRows; row++, from += patch.from_stride)
#pragma GCC unroll 16
    for (int part = 0; part < kVectors; part++) factors[row][part] = load(from + part * kLanes);
  for (int at = 0; at < terms.count; at++) {
    float* to_row = to + terms.offsets[at];
    const Vector gradient = broadcast(terms.gradients[at]);
#pragma GCC unroll 8
    for (int row = 0; row < kRows; row++, to_row += patch.to_stride)
#pragma GCC unroll 16
      for (int part = 0; part < kVectors; part++)
        store(to_row + part * kLanes, load(to_row + part * kLanes) + gradient * factors[row][part]);
  }
}

using UseTerms = void (*)(float*, const float*, Patch, Terms);

constexpr int kSums = kHas32Registers ? 25 : 12;  // vectors that fit in registers beside gradient and operands
constexpr int kMaxVectors = 12, kMaxRows = 5;

enum class Way { kAdd, kSpread };

template <Way way, int kVectors, int kRows>
constexpr UseTerms if_it_fits() {
  if constexpr (kVectors * kRows > kSums) return nullptr;
  else if constexpr (way == Way::kAdd) return add_terms<kVectors, kRows>;
  else return spread_terms<kVectors, kRows>;
}

template <Way way, int kVectors>
constexpr std::array<UseTerms, kMaxRows> with_vectors() {
  return {if_it_fits<way, kVectors, 1>(), if_it_fits<way, kVectors, 2>(), if_it_fits<way, kVectors, 3>(),
          if_it_fits<way, kVectors, 4>(), if_it_fits<way, kVectors, 5>()};
}

template <Way way>
constexpr std::array<std::array<UseTerms, kMaxRows>, kMaxVectors> kUseTerms = {
    with_vectors<way, 1>(), with_vectors<way, 2>(),  with_vectors<way, 3>(),  with_vectors<way, 4>(),
    with_vectors<way, 5>(), with_vectors<way, 6>(),  with_vectors<way, 7>(),  with_vectors<way, 8>(),
    with_vectors<way, 9>(), with_vectors<way, 10>(), with_vectors<way, 11>(), with_vectors<way, 12>()};

// How a filter's patch is cut into as few pieces as registers allow: vectors of a row and rows.
struct Pieces {
  explicit Pieces(const ConvShape& s) : row_vectors(MNIST_ISA::row_vectors(s)), kernel(s.kernel) {
    const int across = (row_vectors + kMaxVectors - 1) / kMaxVectors;
    vectors = (row_vectors + across - 1) / across;
    rows = std::min({kSums / vectors, kMaxRows, kernel});
  }
  int row_vectors, kernel, vectors, rows;
};

// Goes through the terms of a whole filter's patch.
template <Way way>
static inline void use_terms(const Pieces& pieces, float* to, const float* from, Patch patch, Terms terms) {
  if (terms.count == 0) return;
  for (int part = 0; part < pieces.row_vectors; part += pieces.vectors)
    for (int row = 0; row < pieces.kernel; row += pieces.rows) {
      const int vectors = std::min(pieces.vectors, pieces.row_vectors - part);
      const int rows = std::min(pieces.rows, pieces.kernel - row);
      kUseTerms<way>[vectors - 1][rows - 1](to + row * patch.to_stride + part * kLanes,
                                            from + row * patch.from_stride + part * kLanes, patch, terms);
    }
}

}  // namespace MNIST_ISA
}  // namespace mnist
