// Backward to a block's input. Per cell and window position the active filters are listed; each adds its gradient times
// its weights to the same patch of the input, which stays in registers while the list goes by.
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

// Input gradient of one image from weights [filter][kernel row][row_floats], added to what is there. `terms` has room for
// five times the filters. Touches, unchanged, up to a vector past the end of `d_in`.
static inline void conv_input_gradient(const ConvShape& s, const float* by_filter, const float* d_out,
                                       const uint8_t* codes, float* d_in, Term* terms) {
  const int filters = s.filters, filter_floats = s.kernel * row_floats(s);
  for (int cell = 0; cell < s.cells(); cell++, codes += filters, d_out += filters) {
    // The inactive get a list of their own, which nobody reads: a branch would be a matter of luck.
    int counts[5] = {};
    for (int filter = 0; filter < filters; filter++) {
      const int code = codes[filter];
      terms[code * filters + counts[code]++] = {filter * filter_floats, d_out[filter]};
    }
    for (int code = 0; code < 4; code++)
      add_to_patch(s, d_in + corner_of(s, cell, code), by_filter, {s.row_stride(), row_floats(s)}, terms + code * filters,
                   counts[code]);
  }
}

}  // namespace MNIST_ISA
}  // namespace mnist
