// Computes plain::conv_filter_gradient, the bias aside, for a block with one input channel, as the first one has. A
// kernel row is too short there to fill a vector, so filters fill it: all sums of a vector of filters stay in registers
// while the image goes by, and empty parts of the image are skipped.
// cnn's first block on one core of an AMD EPYC (Zen 5): 1.1 us an image with AVX-512, conv_filter_gradient.h 4.8, the
// plain loop 29; with AVX2 2.2 and 4.0. With vectors of four numbers, conv_filter_gradient.h is faster.
#pragma once

#include <algorithm>

#include "active_cells.h"
#include "ink.h"

namespace mnist {
namespace MNIST_ISA {

// Kernel rows whose sums fit in registers, beside the gradients of the four positions.
constexpr int pixel_rows(int kernel) { return kLanes == 16 ? kernel : 10 / kernel; }

static inline bool fits_pixel_gradient(const ConvShape& s) { return kLanes > 4 && fits_pixels(s); }

// One vector of filters, kernel rows [kFirst, kFirst + kRows).
template <int kKernel, int kFirst, int kRows>
static void add_pixel_gradients(const ConvShape& s, const Ink& ink, const float* in, const float* d_out,
                                const uint8_t* codes, float* d_by_filter) {
  const int row_stride = s.row_stride();
  Vector sums[kRows][kKernel];
  set_zero(sums);
  for (int y = 0; y < s.out_height(); y++) {
    const uint64_t columns = ink.columns_of(2 * y + kFirst, kRows + 1);
    for (int x = 0; x < s.out_width(); x++, d_out += s.filters, codes += s.filters) {
      if (Ink::has_none(columns, 2 * x, kKernel + 1)) continue;
      const float* corner = in + (2 * y + kFirst) * row_stride + 2 * x;
      const Vector gradient = load(d_out);
      const Mask code = load_bytes(codes);
#pragma GCC unroll kLanes == 16 ? 4 : 1
      for (int position = 0; position < 4; position++) {
        const Vector factor = code == Mask{} + position ? gradient : Vector{};
        const float* row = corner + position / 2 * row_stride + position % 2;
        // The positions are not to share their pixels, which takes more registers than there are. (Left as a loop,
        // Clang 22 moves the sums to memory and back at each turn.)
        __asm__("" : "+r"(row));
#pragma GCC unroll 5
        for (int down = 0; down < kRows; down++, row += row_stride)
#pragma GCC unroll 5
          for (int right = 0; right < kKernel; right++) sums[down][right] += broadcast(row[right]) * factor;
      }
    }
  }
  for (int lane = 0; lane < kLanes; lane++, d_by_filter += kKernel * row_floats(s))
    for (int down = 0; down < kRows; down++)
      for (int right = 0; right < kKernel; right++)
        d_by_filter[(kFirst + down) * row_floats(s) + right] += sums[down][right][lane];
}

template <int kKernel, int kFirst = 0>
static inline void add_all_pixel_gradients(const ConvShape& s, const Ink& ink, const float* in, const float* d_out,
                                           const uint8_t* codes, float* d_by_filter) {
  constexpr int kRows = std::min(pixel_rows(kKernel), kKernel - kFirst);
  add_pixel_gradients<kKernel, kFirst, kRows>(s, ink, in, d_out, codes, d_by_filter);
  if constexpr (kFirst + kRows < kKernel)
    add_all_pixel_gradients<kKernel, kFirst + kRows>(s, ink, in, d_out, codes, d_by_filter);
}

// As conv_filter_gradient, for shapes that fit; `ink` is memory to work with. Reads up to a vector past the end of
// `in`.
static inline void conv_pixel_gradient(const ConvShape& s, const float* in, const float* d_out, const uint8_t* codes,
                                       Ink& ink, float* d_by_filter) {
  ink.find(s, in);
  for (int first = 0; first < s.filters; first += kLanes) {
    float* to = d_by_filter + static_cast<size_t>(first) * filter_floats(s);
    const auto add = s.kernel == 5 ? add_all_pixel_gradients<5> : add_all_pixel_gradients<3>;
    add(s, ink, in, d_out + first, codes + first, to);
  }
}

}  // namespace MNIST_ISA
}  // namespace mnist
