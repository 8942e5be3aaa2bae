// Backward to a block's filters. Per filter the active cells are listed; each adds its gradient times the input patch that
// it came from, and the whole filter stays in registers while the list goes by.
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

// Filter gradients of one image, [filter][kernel row][row_floats], and bias gradients, added to what is there. `terms`
// has room for every output, `ends` for every filter. Reads up to a vector past the end of `in`.
static inline void conv_filter_gradient(const ConvShape& s, const float* in, const float* d_out, const uint8_t* codes,
                                        float* d_by_filter, float* d_bias, Term* terms, Term** ends) {
  const int cells = s.cells(), filters = s.filters, row_stride = s.row_stride(), channels = s.in_channels;
  const int positions[5] = {0, channels, row_stride, row_stride + channels, 0};
  for (int filter = 0; filter < filters; filter++) ends[filter] = terms + filter * cells;
  for (int y = 0; y < s.out_height(); y++)
    for (int x = 0; x < s.out_width(); x++, codes += filters, d_out += filters) {
      const int corner = 2 * (y * row_stride + x * channels);
      // No branch, which would be a matter of luck: the term of an inactive cell is overwritten by the next.
      for (int filter = 0; filter < filters; filter++) {
        Term* term = ends[filter];
        const int code = codes[filter];
        *term = {corner + positions[code], d_out[filter]};
        ends[filter] = term + (code != kInactive);
      }
    }
  for (int filter = 0; filter < filters; filter++, terms += cells, d_by_filter += s.kernel * row_floats(s)) {
    float bias = 0;
    for (const Term* term = terms; term < ends[filter]; term++) bias += term->gradient;
    d_bias[filter] += bias;
    add_to_patch(s, d_by_filter, in, {row_floats(s), row_stride}, terms,
                 static_cast<int>(ends[filter] - terms));
  }
}

}  // namespace MNIST_ISA
}  // namespace mnist
