// Computes plain::conv_input_gradient. Each active cell adds its gradient times the filter to the input patch that it
// came from; the filter stays in registers while its list of cells goes by.
// cnn's second block on one core of an AMD EPYC (Zen 5), AVX-512: 8.4 us an image, the plain loop 108.
#pragma once

#include "patches.h"

namespace mnist {
namespace MNIST_ISA {

// Input gradient of one image from weights [filter][kernel row][row_floats], added to what is there. Touches, unchanged,
// up to a vector past the end of `d_in`.
static inline void conv_input_gradient(const ConvShape& s, const float* by_filter, const ActiveCells& active, float* d_in) {
  const Pieces pieces(s);
  for (int filter = 0; filter < s.filters; filter++, by_filter += filter_floats(s))
    use_terms<Way::kSpread>(pieces, d_in, by_filter, {s.row_stride(), row_floats(s)}, active.of(filter));
}

}  // namespace MNIST_ISA
}  // namespace mnist
