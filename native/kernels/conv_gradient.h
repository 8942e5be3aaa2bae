// Backward through block by block: only the window position that held the maximum, and only where ReLU let it through,
// has a gradient. With MNIST that is one convolution output in six, so both gradients are sums over short lists.
#pragma once

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

// Weights [taps][filters] to [filter][kernel row][row_floats], the rest of each row zero.
static inline void pack_by_filter(const ConvShape& s, const float* weights, float* packed) {
  const int row = s.row_taps(), padded = row_floats(s);
  for (int filter = 0; filter < s.filters; filter++)
    for (int y = 0; y < s.kernel; y++, packed += padded)
      for (int tap = 0; tap < padded; tap++)
        packed[tap] = tap < row ? weights[(y * row + tap) * s.filters + filter] : 0.0f;
}

static inline float from_filter_layout(const ConvShape& s, const float* packed, int tap, int filter) {
  const int row = s.row_taps();
  return packed[(filter * s.kernel + tap / row) * row_floats(s) + tap % row];
}

// Where the gradient of one cell and filter goes: the input offset of its position.
static inline int corner_of(const ConvShape& s, int cell, int code) {
  const int y = 2 * (cell / s.out_width()) + code / 2, x = 2 * (cell % s.out_width()) + code % 2;
  return y * s.row_stride() + x * s.in_channels;
}

// The references: gradients of weights [taps][filters], bias and padded input, added to what is there.
static inline void conv_gradient_plain(const ConvShape& s, const float* in, const float* weights, const float* d_out,
                                       const uint8_t* codes, float* d_weights, float* d_bias, float* d_in) {
  for (int cell = 0; cell < s.cells(); cell++)
    for (int filter = 0; filter < s.filters; filter++) {
      const int code = codes[cell * s.filters + filter];
      if (code == kInactive) continue;
      const float gradient = d_out[cell * s.filters + filter];
      const int corner = corner_of(s, cell, code);
      if (d_bias != nullptr) d_bias[filter] += gradient;
      for (int tap = 0; tap < s.taps(); tap++) {
        const int at = corner + tap / s.row_taps() * s.row_stride() + tap % s.row_taps();
        d_weights[tap * s.filters + filter] += gradient * in[at];
        if (d_in != nullptr) d_in[at] += gradient * weights[tap * s.filters + filter];
      }
    }
}

// One term of a sum over patches: `gradient` times the patch that begins at `offset`.
struct Term {
  int32_t offset;
  float gradient;
};

struct Patch {
  int to_stride, from_stride;  // floats from one row to the next
};

// Adds terms to a patch of kRows rows of kVectors vectors, which stays in registers while the terms go by.
template <int kVectors, int kRows>
static void add_terms(float* to, const float* from, Patch patch, const Term* terms, int count) {
  Vector sums[kRows][kVectors];
#pragma GCC unroll 8
  for (int row = 0; row < kRows; row++)
#pragma GCC unroll 16
    for (int part = 0; part < kVectors; part++) sums[row][part] = load(to + row * patch.to_stride + part * kLanes);
  for (const Term* term = terms; term < terms + count; term++) {
    const float* values = from + term->offset;
    const Vector gradient = broadcast(term->gradient);
#pragma GCC unroll 8
    for (int row = 0; row < kRows; row++)
#pragma GCC unroll 16
      for (int part = 0; part < kVectors; part++)
        sums[row][part] += gradient * load(values + row * patch.from_stride + part * kLanes);
  }
#pragma GCC unroll 8
  for (int row = 0; row < kRows; row++)
#pragma GCC unroll 16
    for (int part = 0; part < kVectors; part++) store(to + row * patch.to_stride + part * kLanes, sums[row][part]);
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

// Filter gradients of one image, [filter][kernel row][row_floats], and bias gradients, added to what is there. `terms`
// has room for every cell. Reads up to a vector past the end of `in`.
static inline void conv_filter_gradient(const ConvShape& s, const float* in, const float* d_out, const uint8_t* codes,
                                        float* d_by_filter, float* d_bias, Term* terms) {
  const Patch patch = {row_floats(s), s.row_stride()};
  for (int filter = 0; filter < s.filters; filter++, d_by_filter += s.kernel * row_floats(s)) {
    int count = 0;
    float bias = 0;
    for (int y = 0, cell = 0; y < s.out_height(); y++)
      for (int x = 0; x < s.out_width(); x++, cell++) {
        const int code = codes[cell * s.filters + filter];
        const float gradient = d_out[cell * s.filters + filter];
        terms[count] = {(2 * y + code / 2) * s.row_stride() + (2 * x + code % 2) * s.in_channels, gradient};
        const bool is_active = code != kInactive && gradient != 0;
        count += is_active;
        bias += is_active ? gradient : 0.0f;
      }
    if (d_bias != nullptr) d_bias[filter] += bias;
    add_to_patch(s, d_by_filter, in, patch, terms, count);
  }
}

// Input gradient of one image, with its border, added to what is there. `terms` has room for four times the filters.
// Touches, unchanged, up to a vector past the end of `d_in`.
static inline void conv_input_gradient(const ConvShape& s, const float* by_filter, const float* d_out,
                                       const uint8_t* codes, float* d_in, Term* terms) {
  const Patch patch = {s.row_stride(), row_floats(s)};
  const int filter_floats = s.kernel * row_floats(s);
  for (int cell = 0; cell < s.cells(); cell++) {
    int counts[5] = {};
    for (int filter = 0; filter < s.filters; filter++) {
      const int code = codes[cell * s.filters + filter];
      const float gradient = d_out[cell * s.filters + filter];
      if (code == kInactive) continue;
      terms[code * s.filters + counts[code]++] = {filter * filter_floats, gradient};
    }
    for (int code = 0; code < 4; code++)
      add_to_patch(s, d_in + corner_of(s, cell, code), by_filter, patch, terms + code * s.filters, counts[code]);
  }
}

}  // namespace MNIST_ISA
}  // namespace mnist
