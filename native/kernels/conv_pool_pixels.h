// Computes plain::conv_pool for a block with one input channel, as the first one has: one window at a time with the
// weights of a vector of filters in registers, so that every window in an empty part of the image can be skipped.
// cnn's first block on one core of an AMD EPYC (Zen 5): 1.6 us an image with AVX-512, conv_pool.h 2.3; with AVX2 3.1
// and 4.0.
#pragma once

#include "conv_pool.h"

namespace mnist {
namespace MNIST_ISA {

// One vector of filters; `weights` are the first of [taps][kBlock].
template <int kKernel>
static void conv_pool_filters(const ConvShape& s, const Ink& ink, const float* in, const float* packed, Vector bias,
                              float* out, int out_row_stride, uint8_t* codes) {
  Vector weights[kKernel][kKernel];
  for (int tap = 0; tap < kKernel * kKernel; tap++) weights[tap / kKernel][tap % kKernel] = load(packed + tap * kBlock);
  const int row_stride = s.row_stride();
  for (int y = 0; y < s.out_height(); y++) {
    const uint64_t columns = ink.columns_of(2 * y, kKernel + 1);
    for (int x = 0; x < s.out_width(); x++, codes += s.filters) {
      Vector sums[4] = {};
      if (!Ink::has_none(columns, 2 * x, kKernel + 1)) {
        const float* corner = in + 2 * y * row_stride + 2 * x;
#pragma GCC unroll 5
        for (int down = 0; down < kKernel; down++, corner += row_stride)
#pragma GCC unroll 5
          for (int right = 0; right < kKernel; right++)
#pragma GCC unroll 4
            for (int position = 0; position < 4; position++)
              sums[position] += broadcast(corner[position / 2 * row_stride + right + position % 2]) * weights[down][right];
      }
      store_window(s, sums, bias, kLanes, out + y * out_row_stride + x * s.filters, codes);
    }
  }
}

// As conv_pool, for shapes that fit.
static inline void conv_pool_pixels(const ConvShape& s, const float* in, const float* packed, const float* bias, Ink& ink,
                                    float* out, int out_row_stride, uint8_t* codes) {
  ink.find(s, in);
  for (int first = 0; first < s.filters; first += kLanes) {
    const float* weights = packed + first / kBlock * s.taps() * kBlock + first % kBlock;
    const Vector biases = s.bias ? load(bias + first) : Vector{};
    const auto kernel = s.kernel == 5 ? conv_pool_filters<5> : conv_pool_filters<3>;
    kernel(s, ink, in, weights, biases, out + first, out_row_stride, codes + first);
  }
}

}  // namespace MNIST_ISA
}  // namespace mnist
