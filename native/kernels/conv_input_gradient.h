// Backward to a block's input. Each active cell adds its gradient times the filter to the input patch that it came from;
// the filter stays in registers while its list goes by.
#pragma once

#include "patches.h"

namespace mnist {
namespace MNIST_ISA {

// The reference: gradient of the input with its border, from weights [taps][filters], added to what is there.
static inline void conv_input_gradient_plain(const ConvShape& s, const float* weights, const float* d_out,
                                             const uint8_t* codes, float* d_in) {
  for (int cell = 0; cell < s.cells(); cell++)
    for (int filter = 0; filter < s.filters; filter++) {
      const int code = codes[cell * s.filters + filter];
      if (code == kInactive) continue;
      float* corner = d_in + corner_of(s, cell, code);
      for (int tap = 0; tap < s.taps(); tap++)
        corner[tap / s.row_taps() * s.row_stride() + tap % s.row_taps()] +=
            d_out[cell * s.filters + filter] * weights[tap * s.filters + filter];
    }
}

// Input gradient of one image from weights [filter][kernel row][row_floats], added to what is there. Touches, unchanged,
// up to a vector past the end of `d_in`.
static inline void conv_input_gradient(const ConvShape& s, const float* by_filter, const ActiveCells& active, float* d_in) {
  const Pieces pieces(s);
  for (int filter = 0; filter < s.filters; filter++, by_filter += filter_floats(s))
    use_terms<Way::kSpread>(pieces, d_in, by_filter, {s.row_stride(), row_floats(s)}, active.of(filter));
}

}  // namespace MNIST_ISA
}  // namespace mnist
