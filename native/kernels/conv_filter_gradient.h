// Computes plain::conv_filter_gradient, the bias aside (add_bias_gradients of active_cells.h). Each active cell adds
// its gradient times the input patch that it came from; a whole filter stays in registers while its list of cells goes
// by.
// cnn's second block on one core of an AMD EPYC (Zen 5), AVX-512: 4.9 us an image, the plain loop 245.
#pragma once

#include "patches.h"

namespace mnist {
namespace MNIST_ISA {

// Filter gradients of one image, [filter][kernel row][row_floats], added to what is there. Reads up to a vector past the
// end of `in`.
static inline void conv_filter_gradient(const ConvShape& s, const float* in, const ActiveCells& active, float* d_by_filter) {
  const Pieces pieces(s);
  for (int filter = 0; filter < s.filters; filter++, d_by_filter += filter_floats(s))
    use_terms<Way::kAdd>(pieces, d_by_filter, in, {row_floats(s), s.row_stride()}, active.of(filter));
}

}  // namespace MNIST_ISA
}  // namespace mnist
