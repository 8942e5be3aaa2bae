// Computes plain::conv_pool a few rows of windows at a time: first the convolution, of all filters, by the kernel that any
// convolution has (convolution.h), then the pool. With 16 registers that kernel has more to do for each number it loads
// than conv_pool.h, whose windows stay in registers: with AVX2 on one core of an AMD EPYC, 1.2 times as fast for 16 to 64
// channels and filters.
#pragma once

#include <algorithm>

#include "../floats.h"
#include "conv_pool.h"
#include "convolution.h"

namespace mnist {
namespace MNIST_ISA {

static inline bool fits_rows(const ConvShape& s) { return !kHas32Registers && s.filters > kLanes && s.cells() > 0; }

// Rows of windows that are computed together: their sums stay in the first-level cache.
static inline int rows_together(const ConvShape& s) {
  return std::min(s.out_height(), std::max(1, kPositionsAtOnce / (4 * s.out_width())));
}

// All positions of so many rows of windows: [2 rows][2 columns][filters].
static inline PatchSums rows_sums(const ConvShape& s) {
  PatchSums sums;
  for (int row = 0; row < s.kernel; row++) add_segment(sums, row * s.row_stride(), s.row_taps());
  for (int y = 0; y < 2 * rows_together(s); y++)
    for (int x = 0; x < 2 * s.out_width(); x++) {
      sums.to.push_back(static_cast<int>(sums.from.size()) * s.filters);
      sums.from.push_back(y * s.row_stride() + x * s.in_channels);
    }
  return sums;
}

// Packs one filter out of [filter][kernel row][row_floats] into the panels of convolution.h.
static inline void pack_filter_panel(const ConvShape& s, int filter, const float* by_filter, float* panels) {
  for (int tap = 0; tap < s.taps(); tap++)
    panels[panel_place(s.taps(), s.filters, tap, filter)] =
        by_filter[(filter * s.kernel + tap / s.row_taps()) * row_floats(s) + tap % s.row_taps()];
}

// One image, as conv_pool; `rows` is memory to work with.
static inline void conv_pool_rows(const ConvShape& s, const PatchSums& sums, const float* in, const float* panels,
                                  const float* bias, Floats& rows, float* out, int out_row_stride, uint8_t* codes) {
  const int together = rows_together(s), width = 2 * s.out_width() * s.filters;
  rows.reserve(static_cast<size_t>(2 * together) * width);
  for (int y = 0; y < s.out_height(); y += together) {
    const int windows = std::min(together, s.out_height() - y) * s.out_width();
    sum_patches(sums, 4 * windows, in + 2 * y * s.row_stride(), panels, nullptr, s.filters, rows.data());
    for (int window = 0; window < windows; window++) {
      const int row = window / s.out_width(), x = window % s.out_width();
      const float* corner = rows.data() + 2 * row * width + 2 * x * s.filters;
      float* to = out + (y + row) * out_row_stride + x * s.filters;
      uint8_t* to_codes = codes + ((y + row) * s.out_width() + x) * s.filters;
      for (int first = 0; first < s.filters; first += kLanes, corner += kLanes) {
        const Vector four[4] = {load(corner), load(corner + s.filters), load(corner + width),
                                load(corner + width + s.filters)};
        store_window(s, four, s.bias ? load(bias + first) : Vector{}, s.filters - first, to + first, to_codes + first);
      }
    }
  }
}

}  // namespace MNIST_ISA
}  // namespace mnist
