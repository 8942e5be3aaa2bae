// Lists the active cells of an image for each filter: the terms that plain::conv_filter_gradient and
// plain::conv_input_gradient add up. Only the window position that held the maximum has a gradient, and only where ReLU
// let it through: about one convolution output in six on MNIST. patches.h goes through these lists.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "shapes.h"
#include "vector.h"

namespace mnist {
namespace MNIST_ISA {

// One kernel row, [kernel][in_channels], is contiguous in input and weights alike: its length in whole vectors.
static inline int row_vectors(const ConvShape& s) { return (s.row_taps() + kLanes - 1) / kLanes; }
static inline int row_floats(const ConvShape& s) { return row_vectors(s) * kLanes; }
// Floats of the weights or gradients of one filter, [kernel row][row_floats], and of all of them.
static inline int filter_floats(const ConvShape& s) { return s.kernel * row_floats(s); }
static inline size_t by_filter_size(const ConvShape& s) { return static_cast<size_t>(s.filters) * filter_floats(s); }

// Terms of a sum over patches: each gradient times the patch of the image, with its border, that begins at the offset.
struct Terms {
  const int32_t* offsets;
  const float* gradients;
  int count;
};

constexpr int kAhead = 3;  // terms behind the last one that kernels look at

// The active cells of one image, a list of terms for each filter.
class ActiveCells {
 public:
  // Reads up to a vector past the end of `d_out` and `codes`.
  void list(const ConvShape& s, const float* d_out, const uint8_t* codes) {
    length_ = s.cells() + kLanes + kAhead;
    const size_t size = static_cast<size_t>(s.filters) * length_;
    if (offsets_.size() < size) offsets_.resize(size), gradients_.resize(size);
    counts_.assign(s.filters, 0);
    const int positions[5] = {0, s.in_channels, s.row_stride(), s.row_stride() + s.in_channels, 0};
#if MNIST_LANES == 16
    Mask by_code{}, corners{};
    for (int code = 0; code < kInactive; code++) by_code[code] = positions[code];
    for (int first = 0; first < s.cells(); first += kLanes) {
      const int cells = std::min(kLanes, s.cells() - first);
      for (int cell = 0; cell < cells; cell++) corners[cell] = s.patch_of(first + cell, 0);
      for (int filter = 0; filter < s.filters; filter += kLanes)
        list_square(s, first, cells, filter, corners, by_code, d_out, codes);
    }
#else
    const int filters = s.filters, length = length_;
    int32_t* const offsets = offsets_.data();
    float* const gradients = gradients_.data();
    int* const counts = counts_.data();
    for (int cell = 0; cell < s.cells(); cell++, d_out += filters, codes += filters) {
      const int corner = s.patch_of(cell, 0);
      // No branch, which would be a matter of luck: the term of an inactive cell is overwritten by the next.
      for (int filter = 0, first = 0; filter < filters; filter++, first += length) {
        const int at = first + counts[filter], code = codes[filter];
        offsets[at] = corner + positions[code];
        gradients[at] = d_out[filter];
        counts[filter] += code != kInactive;
      }
    }
#endif
  }

  Terms of(int filter) const {
    const size_t at = static_cast<size_t>(filter) * length_;
    return {offsets_.data() + at, gradients_.data() + at, counts_[filter]};
  }

 private:
  size_t end_of(int filter) const { return static_cast<size_t>(filter) * length_ + counts_[filter]; }

#if MNIST_LANES == 16
  // A vector of cells and a vector of filters. `corners` are the cells' input offsets, `positions` by code what is added.
  void list_square(const ConvShape& s, int first_cell, int cells, int first, Mask corners, Mask positions,
                   const float* d_out, const uint8_t* codes) {
    constexpr int32_t kNone = -1;
    Mask gradients[16], offsets[16];  // first a vector of filters for each cell, then the other way round
#pragma GCC unroll 16
    for (int cell = 0; cell < 16; cell++) {
      const int at = (first_cell + std::min(cell, cells - 1)) * s.filters + first;
      const Mask code = load_bytes(codes + at);
      gradients[cell] = load_mask(d_out + at);
      offsets[cell] = code == Mask{} + kInactive ? Mask{} + kNone : pick_lanes(positions, code);
    }
    transpose(gradients);
    transpose(offsets);
    const uint32_t valid = (1u << cells) - 1;
#pragma GCC unroll 16
    for (int filter = 0; filter < 16; filter++)
      if (first + filter < s.filters) {
        const size_t at = end_of(first + filter);
        const uint32_t bits = lanes_with_bits(offsets[filter] != Mask{} + kNone) & valid;
        store_lanes(offsets_.data() + at, offsets[filter] + corners, bits);
        store_lanes(gradients_.data() + at, gradients[filter], bits);
        counts_[first + filter] += __builtin_popcount(bits);
      }
  }
#endif

  int length_ = 0;  // of a list at most, with what is looked at and written beyond
  std::vector<int32_t> offsets_;
  std::vector<float> gradients_;
  std::vector<int> counts_;
};

// Computes the bias gradients of plain::conv_filter_gradient. Reads and rewrites up to a vector past the end of each.
static inline void add_bias_gradients(const ConvShape& s, const float* d_out, const uint8_t* codes, float* d_bias) {
  for (int first = 0; first < s.filters; first += kLanes) {
    Vector sums = load(d_bias + first);
    for (int at = first; at < s.outputs(); at += s.filters)
      sums += load_bytes(codes + at) != Mask{} + kInactive ? load(d_out + at) : Vector{};
    store(d_bias + first, sums);
  }
}

}  // namespace MNIST_ISA
}  // namespace mnist
