// Computes plain::conv_pool in one pass. The convolution's output is never stored: the four sums of a window stay in
// registers, and what leaves them is the maximum and where it was.
// On one core of an AMD EPYC (Zen 5), AVX-512: cnn's first block 2.3 us an image, the plain loop 205; its second block
// 17.7, the plain loop 1,203.
#pragma once

#include "active_cells.h"
#include "ink.h"
#include "shapes.h"
#include "vector.h"

namespace mnist {
namespace MNIST_ISA {

// Filters that one pass computes: two vectors with 32 registers, one with 16. Three windows of them make 24 or 12 sums.
constexpr int kBlockVectors = kHas32Registers ? 2 : 1;
constexpr int kBlock = kBlockVectors * kLanes;
constexpr int kMostWindows = 3;

// Floats of the packed weights: [block][taps][kBlock], zeros where a block has fewer filters.
static inline size_t packed_conv_size(const ConvShape& s) {
  return static_cast<size_t>(round_up(s.filters, kBlock)) * s.taps();
}

// Packs one filter out of [filter][kernel row][row_floats].
static inline void pack_filter(const ConvShape& s, int filter, const float* by_filter, float* packed) {
  float* column = packed + static_cast<size_t>(filter / kBlock) * s.taps() * kBlock + filter % kBlock;
  for (int y = 0; y < s.kernel; y++)
    for (int tap = 0; tap < s.row_taps(); tap++, column += kBlock)
      *column = by_filter[(filter * s.kernel + y) * row_floats(s) + tap];
}

// Adds one kernel row to the sums of the upper outputs (0), the lower ones (1), or both, [kFirst, kEnd).
template <int kFirst, int kEnd, int kColumns, int kVectors>
static inline __attribute__((always_inline)) void add_kernel_row(const ConvShape& s, const float* in, const float* packed,
                                                                 Vector (&sums)[2][kColumns][kVectors]) {
  const int row_stride = s.row_stride(), channels = s.in_channels, row_taps = s.row_taps();
  for (int tap = 0; tap < row_taps; tap++, in++, packed += kBlock) {
    Vector weights[kVectors];
    for (int part = 0; part < kVectors; part++) weights[part] = load(packed + part * kLanes);
#pragma GCC unroll 16
    for (int column = 0; column < kColumns; column++)
#pragma GCC unroll 2
      for (int row = kFirst; row < kEnd; row++)
#pragma GCC unroll 2
        for (int part = 0; part < kVectors; part++)
          sums[row][column][part] += broadcast(in[row * row_stride + column * channels]) * weights[part];
  }
}

// The maximum of a window's four sums, with bias and ReLU, and where it was; the first of equal ones.
static inline void store_window(const ConvShape& s, const Vector (&sums)[4], Vector bias, int channels, float* out,
                                uint8_t* codes) {
  Vector best = sums[0];
  Mask code{};
#pragma GCC unroll 4
  for (int position = 1; position < 4; position++) {
    const Mask is_larger = sums[position] > best;
    best = is_larger ? sums[position] : best;
    code = is_larger ? Mask{} + position : code;
  }
  best += bias;
  if (s.relu) {
    const Mask is_inactive = best <= Vector{};
    best = is_inactive ? Vector{} : best;
    code = is_inactive ? Mask{} + static_cast<int>(kInactive) : code;
  }
  store_some(out, best, channels);
  store_some_bytes(codes, code, channels);
}

// `kWindows` neighboring windows from (y, x) on, one block of filters. Input rows that are blank there are left out.
template <int kWindows, int kVectors>
static void conv_pool_windows(const ConvShape& s, const Ink& ink, int y, int x, const float* in, const float* packed,
                              const Vector* bias, int filters, float* out, uint8_t* codes) {
  constexpr int kColumns = 2 * kWindows;
  Vector sums[2][kColumns][kVectors];
  set_zero(sums[0]);
  set_zero(sums[1]);
  const int columns = kColumns + s.kernel - 1;
  bool is_upper_blank = ink.is_blank(2 * y, 2 * x, columns);
  for (int row = 0; row < s.kernel; row++, in += s.row_stride(), packed += s.row_taps() * kBlock) {
    const bool is_lower_blank = ink.is_blank(2 * y + row + 1, 2 * x, columns);
    if (!is_upper_blank && !is_lower_blank) add_kernel_row<0, 2>(s, in, packed, sums);
    if (!is_upper_blank && is_lower_blank) add_kernel_row<0, 1>(s, in, packed, sums);
    if (is_upper_blank && !is_lower_blank) add_kernel_row<1, 2>(s, in, packed, sums);
    is_upper_blank = is_lower_blank;
  }
#pragma GCC unroll 8
  for (int window = 0; window < kWindows; window++)
#pragma GCC unroll 2
    for (int part = 0; part < kVectors; part++) {
      const int column = 2 * window, at = window * s.filters + part * kLanes;
      const Vector four[4] = {sums[0][column][part], sums[0][column + 1][part], sums[1][column][part],
                              sums[1][column + 1][part]};
      store_window(s, four, bias[part], filters - part * kLanes, out + at, codes + at);
    }
}

using ConvPoolWindows = void (*)(const ConvShape&, const Ink&, int, int, const float*, const float*, const Vector*, int,
                                 float*, uint8_t*);

static const ConvPoolWindows kConvPoolWindows[2][kMostWindows] = {
    {conv_pool_windows<1, 1>, conv_pool_windows<2, 1>, conv_pool_windows<3, 1>},
    {conv_pool_windows<1, kBlockVectors>, conv_pool_windows<2, kBlockVectors>, conv_pool_windows<3, kBlockVectors>}};

// One image. `out` has rows of `out_row_stride` floats, so that it can lie inside the border of the next block's input.
// Reads, and ignores, up to a vector past the end of `in`; `ink` is memory to work with.
static inline void conv_pool(const ConvShape& s, const float* in, const float* packed, const float* bias, Ink& ink,
                             float* out, int out_row_stride, uint8_t* codes) {
  ink.find(s, in);
  const int groups = (s.out_width() + kMostWindows - 1) / kMostWindows;
  for (int first = 0; first < s.filters; first += kBlock, packed += s.taps() * kBlock) {
    const int filters = s.filters - first < kBlock ? s.filters - first : kBlock;
    Vector biases[kBlockVectors] = {};
    for (int lane = 0; s.bias && lane < filters; lane++) biases[lane / kLanes][lane % kLanes] = bias[first + lane];
    const ConvPoolWindows* kernels = kConvPoolWindows[filters > kLanes];
    for (int y = 0; y < s.out_height(); y++) {
      const float* row = in + 2 * y * s.row_stride();
      float* out_row = out + y * out_row_stride + first;
      uint8_t* code_row = codes + y * s.out_width() * s.filters + first;
      for (int group = 0; group < groups; group++) {
        const int x = s.out_width() * group / groups, windows = s.out_width() * (group + 1) / groups - x;
        kernels[windows - 1](s, ink, y, x, row + 2 * x * s.in_channels, packed, biases, filters, out_row + x * s.filters,
                             code_row + x * s.filters);
      }
    }
  }
}

}  // namespace MNIST_ISA
}  // namespace mnist
