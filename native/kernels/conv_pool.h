// Forward: convolution, bias, ReLU and 2 x 2 max-pool in one pass. The convolution's output is never stored: a window's
// four sums stay in registers, and what leaves them is the maximum and where it was.
#pragma once

#include "shapes.h"
#include "vector.h"

namespace mnist {
namespace MNIST_ISA {

// Output channels that one pass computes: two vectors with 32 registers, one with 16.
constexpr int kBlockVectors = kLanes == 16 ? 2 : 1;
constexpr int kBlock = kBlockVectors * kLanes;

// The reference: weights [taps][filters] as TensorFlow has them (HWIO), one output at a time.
static inline void conv_pool_plain(const ConvShape& s, const float* in, const float* weights, const float* bias,
                                   float* out, int out_row_stride, uint8_t* codes) {
  for (int y = 0; y < s.out_height(); y++)
    for (int x = 0; x < s.out_width(); x++)
      for (int filter = 0; filter < s.filters; filter++) {
        float best = 0;
        int code = 0;
        for (int position = 0; position < 4; position++) {
          const float* corner = in + (2 * y + position / 2) * s.row_stride() + (2 * x + position % 2) * s.in_channels;
          float total = 0;
          for (int row = 0; row < s.kernel; row++)
            for (int tap = 0; tap < s.row_taps(); tap++)
              total += corner[row * s.row_stride() + tap] * weights[(row * s.row_taps() + tap) * s.filters + filter];
          if (position == 0 || total > best) {
            best = total;
            code = position;
          }
        }
        if (s.bias) best += bias[filter];
        if (s.relu && !(best > 0)) {
          best = 0;
          code = kInactive;
        }
        out[y * out_row_stride + x * s.filters + filter] = best;
        codes[(y * s.out_width() + x) * s.filters + filter] = static_cast<uint8_t>(code);
      }
}

// Floats of the packed weights: [block][taps][kBlock], zeros where a block has fewer filters.
static inline size_t packed_conv_size(const ConvShape& s) {
  return static_cast<size_t>(round_up(s.filters, kBlock)) * s.taps();
}

static inline void pack_conv(const ConvShape& s, const float* weights, float* packed) {
  for (int first = 0; first < s.filters; first += kBlock)
    for (int tap = 0; tap < s.taps(); tap++)
      for (int lane = 0; lane < kBlock; lane++)
        *packed++ = first + lane < s.filters ? weights[tap * s.filters + first + lane] : 0.0f;
}

// `kWindows` neighbouring windows of one row, one block of channels.
template <int kWindows>
static inline void conv_pool_windows(const ConvShape& s, const float* in, const float* packed, const Vector* bias,
                                     int channels, float* out, uint8_t* codes) {
  constexpr int kColumns = 2 * kWindows;
  Vector sums[2][kColumns][kBlockVectors] = {};
  const int row_stride = s.row_stride(), channel_count = s.in_channels, row_taps = s.row_taps();
  for (int row = 0; row < s.kernel; row++) {
    const float* upper = in + row * row_stride;
    const float* lower = upper + row_stride;
    for (int tap = 0; tap < row_taps; tap++) {
      Vector weight[kBlockVectors];
      for (int part = 0; part < kBlockVectors; part++) weight[part] = load(packed + part * kLanes);
      packed += kBlock;
#pragma GCC unroll 8
      for (int column = 0; column < kColumns; column++) {
        const Vector above = broadcast(upper[tap + column * channel_count]);
        const Vector below = broadcast(lower[tap + column * channel_count]);
#pragma GCC unroll 2
        for (int part = 0; part < kBlockVectors; part++) {
          sums[0][column][part] += above * weight[part];
          sums[1][column][part] += below * weight[part];
        }
      }
    }
  }
#pragma GCC unroll 4
  for (int window = 0; window < kWindows; window++)
    for (int part = 0; part < kBlockVectors; part++) {
      const int count = channels - part * kLanes;
      if (count <= 0) break;
      Vector best = sums[0][2 * window][part];
      Mask code{};
      const Vector others[3] = {sums[0][2 * window + 1][part], sums[1][2 * window][part],
                                sums[1][2 * window + 1][part]};
      for (int other = 0; other < 3; other++) {
        const Mask is_larger = others[other] > best;
        best = is_larger ? others[other] : best;
        code = is_larger ? Mask{} + (other + 1) : code;
      }
      best += bias[part];
      if (s.relu) {
        const Mask is_active = best > Vector{};
        best = is_active ? best : Vector{};
        code = is_active ? code : Mask{} + static_cast<int>(kInactive);
      }
      store_some(out + window * s.filters + part * kLanes, best, count);
      typedef uint8_t Bytes __attribute__((vector_size(MNIST_LANES)));
      const Bytes bytes = __builtin_convertvector(code, Bytes);
      std::memcpy(codes + window * s.filters + part * kLanes, &bytes, count < kLanes ? count : kLanes);
    }
}

// One image. `out` has rows of `out_row_stride` floats, so that it can lie inside the border of the next block's input.
static inline void conv_pool(const ConvShape& s, const float* in, const float* packed, const float* bias, float* out,
                             int out_row_stride, uint8_t* codes) {
  for (int first = 0; first < s.filters; first += kBlock, packed += s.taps() * kBlock) {
    const int channels = s.filters - first < kBlock ? s.filters - first : kBlock;
    Vector bias_vectors[kBlockVectors] = {};
    if (s.bias)
      for (int lane = 0; lane < channels; lane++) bias_vectors[lane / kLanes][lane % kLanes] = bias[first + lane];
    for (int y = 0; y < s.out_height(); y++) {
      const float* row = in + 2 * y * s.row_stride();
      float* out_row = out + y * out_row_stride + first;
      uint8_t* code_row = codes + y * s.out_width() * s.filters + first;
      int x = 0;
      for (; x + 3 <= s.out_width(); x += 3)
        conv_pool_windows<3>(s, row + 2 * x * s.in_channels, packed, bias_vectors, channels, out_row + x * s.filters,
                             code_row + x * s.filters);
      if (s.out_width() - x == 2)
        conv_pool_windows<2>(s, row + 2 * x * s.in_channels, packed, bias_vectors, channels, out_row + x * s.filters,
                             code_row + x * s.filters);
      if (s.out_width() - x == 1)
        conv_pool_windows<1>(s, row + 2 * x * s.in_channels, packed, bias_vectors, channels, out_row + x * s.filters,
                             code_row + x * s.filters);
    }
  }
}

}  // namespace MNIST_ISA
}  // namespace mnist
