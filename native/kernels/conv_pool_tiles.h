// Computes plain::conv_pool in two passes, to rounding: the convolution by Winograd's algorithm as any convolution has it
// (convolution_winograd.h), for some images together, then the pool. For blocks that conv_pool_winograd.h does not know.
#pragma once

#include "conv_pool_winograd.h"
#include "convolution_winograd.h"

namespace mnist {
namespace MNIST_ISA {

// The convolution of a block, without the outputs that no window has.
static inline ConvolutionShape convolution_of(const ConvShape& s) {
  return {{s.in_height, s.in_width, s.in_channels}, s.kernel, 1, 1, 1, s.pad, s.pad, 2 * s.out_height(), 2 * s.out_width(),
          s.filters, s.bias};
}

static inline bool fits_pool_tiles(const ConvShape& s) {
  return fits_tiles(convolution_of(s));
}

// One filter out of [filter][kernel row][row_floats] to U.
template <int kKernel>
static void transform_filter_of(const ConvShape& s, int filter, const float* by_filter, float* to) {
  constexpr int kPoints = tile_points(kKernel);
  const size_t row = tile_row(s.filters);
  const float* weights = by_filter + filter * filter_floats(s);
  for (int channel = 0; channel < s.in_channels; channel += kLanes) {
    Vector columns[kPoints][kKernel];
    for (int x = 0; x < kKernel; x++) {
      Vector taps[kKernel], points[kPoints];
      for (int y = 0; y < kKernel; y++) taps[y] = load(weights + y * row_floats(s) + x * s.in_channels + channel);
      evaluate<kTile>(taps, points);
      for (int y = 0; y < kPoints; y++) columns[y][x] = points[y];
    }
    for (int y = 0; y < kPoints; y++) {
      Vector points[kPoints];
      evaluate<kTile>(columns[y], points);
      for (int x = 0; x < kPoints; x++)
        for (int lane = 0; lane < kLanes && lane < s.in_channels - channel; lane++)
          to[((y * kPoints + x) * s.in_channels + channel + lane) * row + filter] = points[x][lane];
    }
  }
}
static inline void transform_filter(const ConvShape& s, int filter, const float* by_filter, float* to) {
  (s.kernel == 3 ? transform_filter_of<3> : transform_filter_of<5>)(s, filter, by_filter, to);
}

// The windows of an image, whose convolution is [2 rows][2 columns][filters]. To train, `ties` says where sums are equal.
static inline void pool_tiles(const ConvShape& s, const float* sums, const float* in, const float* by_filter,
                              const float* bias, const PatchTies* ties, float* out, int out_row_stride, uint8_t* codes) {
  const int width = 2 * s.out_width() * s.filters;
  for (int cell = 0; cell < s.cells(); cell++, codes += s.filters) {
    const int y = 2 * (cell / s.out_width()), x = 2 * (cell % s.out_width());
    const float* corner = sums + y * width + x * s.filters;
    float* to = out + y / 2 * out_row_stride + x / 2 * s.filters;
    for (int filter = 0; filter < s.filters; filter += kLanes, corner += kLanes) {
      const Vector biases = s.bias ? load(bias + filter) : Vector{};
      Vector four[4] = {load(corner), load(corner + s.filters), load(corner + width), load(corner + width + s.filters)};
      if (ties != nullptr) {
        settle_ties(*ties, y, x, four);
        settle_near(s, in + y * s.row_stride() + x * s.in_channels, by_filter + filter * filter_floats(s), biases,
                    s.filters - filter, four);
      }
      store_window(s, four, biases, s.filters - filter, to + filter, codes + filter);
    }
  }
}

}  // namespace MNIST_ISA
}  // namespace mnist
