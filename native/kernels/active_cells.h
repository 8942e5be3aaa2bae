// Where the gradients of a convolution come from. Only the window position that held the maximum, and only where ReLU let
// it through, has one: with MNIST one convolution output in six.
#pragma once

#include <cstddef>
#include <vector>

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

// One term of a sum over patches: `gradient` times the patch of the image, with its border, that begins at `offset`.
struct Term {
  int32_t offset;
  float gradient;
};

// The active cells of one image, a list of terms for each filter.
class ActiveCells {
 public:
  void list(const ConvShape& s, const float* d_out, const uint8_t* codes) {
    cells_ = s.cells();
    if (terms_.size() < static_cast<size_t>(s.outputs())) terms_.resize(s.outputs());
    if (ends_.size() < static_cast<size_t>(s.filters)) ends_.resize(s.filters);
    for (int filter = 0; filter < s.filters; filter++) ends_[filter] = terms_.data() + filter * cells_;
    const int positions[5] = {0, s.in_channels, s.row_stride(), s.row_stride() + s.in_channels, 0};
    for (int y = 0; y < s.out_height(); y++)
      for (int x = 0; x < s.out_width(); x++, codes += s.filters, d_out += s.filters) {
        const int corner = 2 * (y * s.row_stride() + x * s.in_channels);
        // No branch, which would be a matter of luck: the term of an inactive cell is overwritten by the next.
        for (int filter = 0; filter < s.filters; filter++) {
          Term* term = ends_[filter];
          const int code = codes[filter];
          *term = {corner + positions[code], d_out[filter]};
          ends_[filter] = term + (code != kInactive);
        }
      }
  }
  const Term* terms_of(int filter) const { return terms_.data() + filter * cells_; }
  int count_of(int filter) const { return static_cast<int>(ends_[filter] - terms_of(filter)); }

 private:
  int cells_ = 0;
  std::vector<Term> terms_;
  std::vector<Term*> ends_;
};

}  // namespace MNIST_ISA
}  // namespace mnist
