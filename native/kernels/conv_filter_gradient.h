// Backward to a block's filters. Each active cell adds its gradient times the input patch that it came from; the whole
// filter stays in registers while its list goes by.
#pragma once

#include "patches.h"

namespace mnist {
namespace MNIST_ISA {

// The reference: gradients of weights [taps][filters] and of the bias, added to what is there.
static inline void conv_filter_gradient_plain(const ConvShape& s, const float* in, const float* d_out,
                                              const uint8_t* codes, float* d_weights, float* d_bias) {
  for (int cell = 0; cell < s.cells(); cell++)
    for (int filter = 0; filter < s.filters; filter++) {
      const int code = codes[cell * s.filters + filter];
      if (code == kInactive) continue;
      const float gradient = d_out[cell * s.filters + filter];
      const float* corner = in + corner_of(s, cell, code);
      d_bias[filter] += gradient;
      for (int tap = 0; tap < s.taps(); tap++)
        d_weights[tap * s.filters + filter] +=
            gradient * corner[tap / s.row_taps() * s.row_stride() + tap % s.row_taps()];
    }
}

// Filter gradients of one image, [filter][kernel row][row_floats], added to what is there. Reads up to a vector past the
// end of `in`.
static inline void conv_filter_gradient(const ConvShape& s, const float* in, const ActiveCells& active, float* d_by_filter) {
  const Pieces pieces(s);
  for (int filter = 0; filter < s.filters; filter++, d_by_filter += filter_floats(s))
    use_terms<Way::kAdd>(pieces, d_by_filter, in, {row_floats(s), s.row_stride()}, active.of(filter));
}

}  // namespace MNIST_ISA
}  // namespace mnist
