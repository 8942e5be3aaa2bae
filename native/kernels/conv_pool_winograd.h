// Forward of a block with a 5 x 5 kernel by Winograd: 6.25 times fewer products than conv_pool.h, which is the reference.
// The network cnn's second block on one core of an AMD EPYC (Zen 5): 7.8 us an image instead of 17.2 with AVX-512, 13.9
// instead of 42.8 with AVX2, 42 instead of 127 portable.
#pragma once

#include <algorithm>

#include "../floats.h"
#include "conv_pool.h"
#include "patch_ties.h"
#include "patches.h"
#include "winograd.h"

namespace mnist {
namespace MNIST_ISA {

// Filters and tiles whose products one pass keeps in registers, and rows of tiles whose memory stays in the caches.
constexpr int kTileFilters = 2 * kLanes, kTileGroup = kLanes == 4 ? 2 : 4, kTileRows = 2;

// Channels are what the transforms' vectors hold: there must be whole vectors of them.
static inline bool fits_winograd(const ConvShape& s) {
  return s.kernel == kTileKernel && s.in_channels % kLanes == 0 && s.padded_width() <= kMostTieColumns;
}

static inline int tiles_down(const ConvShape& s) { return (s.out_height() + 1) / 2; }
static inline int tiles_across(const ConvShape& s) { return (s.out_width() + 1) / 2; }
static inline int filter_blocks(const ConvShape& s) { return round_up(s.filters, kTileFilters) / kTileFilters; }

// Floats of the transformed weights: [point][block of filters][in_channels][kTileFilters], zeros in the last block's end.
static inline size_t winograd_weights_size(const ConvShape& s) {
  return static_cast<size_t>(kTilePoints) * filter_blocks(s) * s.in_channels * kTileFilters;
}

// Transforms one filter, [kernel][kernel][in_channels].
static inline void transform_weights(const ConvShape& s, int filter, const float* from, float* to) {
  to += (filter / kTileFilters) * s.in_channels * kTileFilters + filter % kTileFilters;
  const size_t point_stride = static_cast<size_t>(filter_blocks(s)) * s.in_channels * kTileFilters;
  for (int channel = 0; channel < s.in_channels; channel += kLanes) {
    Vector columns[kTileKernel][kTileIn];
    for (int x = 0; x < kTileKernel; x++) {
      Vector column[kTileKernel];
      for (int y = 0; y < kTileKernel; y++) column[y] = load(from + (y * s.kernel + x) * s.in_channels + channel);
      transform_filter(column, columns[x]);
    }
    for (int y = 0; y < kTileIn; y++) {
      Vector points[kTileIn];
      transform_filter({columns[0][y], columns[1][y], columns[2][y], columns[3][y], columns[4][y]}, points);
      for (int x = 0; x < kTileIn; x++) {
        float* point = to + (y * kTileIn + x) * point_stride + static_cast<size_t>(channel) * kTileFilters;
        for (int lane = 0; lane < kLanes; lane++) point[lane * kTileFilters] = points[x][lane];
      }
    }
  }
}

// Some rows of tiles on their way: their inputs at the points, [point][tile][in_channels], and the products,
// [point][tile][kTileFilters].
struct TileBand {
  int first_row, rows, tiles;  // `tiles` is rounded up to whole groups
  Floats columns, inputs, products;
  PatchTies ties;  // of the whole image
};

// A row of tiles: first down the columns, which neighbouring tiles share, then across each tile.
static inline void transform_tile_row(const ConvShape& s, const float* in, int tile_row, TileBand& band) {
  const int across = tiles_across(s), width = kTileOut * across + kTileKernel - 1, top = kTileOut * tile_row;
  const int rows = std::min(kTileIn, s.padded_height() - top), columns = std::min(width, s.padded_width());
  for (int channel = 0; channel < s.in_channels; channel += kLanes) {
    const float* from = in + static_cast<size_t>(top) * s.row_stride() + channel;
    Vector values[kTileIn], points[kTileIn];
    for (int x = 0; x < columns; x++, from += s.in_channels) {
#pragma GCC unroll 8
      for (int y = 0; y < kTileIn; y++) values[y] = y < rows ? load(from + y * s.row_stride()) : Vector{};
      transform_input(values, points);
#pragma GCC unroll 8
      for (int y = 0; y < kTileIn; y++) store(band.columns.data() + (y * width + x) * kLanes, points[y]);
    }
    float* to = band.inputs.data() + static_cast<size_t>(tile_row - band.first_row) * across * s.in_channels + channel;
    const size_t point_stride = static_cast<size_t>(band.tiles) * s.in_channels;
    for (int y = 0; y < kTileIn; y++)
      for (int tile = 0; tile < across; tile++) {
        const float* row = band.columns.data() + (y * width + kTileOut * tile) * kLanes;
#pragma GCC unroll 8
        for (int x = 0; x < kTileIn; x++)
          values[x] = kTileOut * tile + x < columns ? load(row + x * kLanes) : Vector{};
        transform_input(values, points);
#pragma GCC unroll 8
        for (int x = 0; x < kTileIn; x++)
          store(to + (y * kTileIn + x) * point_stride + tile * s.in_channels, points[x]);
      }
  }
}

// At each point the product of [tiles][in_channels] and [in_channels][kTileFilters].
static inline void multiply_tiles(const ConvShape& s, const float* weights, TileBand& band) {
  const size_t point_stride = static_cast<size_t>(filter_blocks(s)) * s.in_channels * kTileFilters;
  const float* in = band.inputs.data();
  float* to = band.products.data();
  for (int point = 0; point < kTilePoints; point++, weights += point_stride)
    for (int tile = 0; tile < band.tiles; tile += kTileGroup) {
      Vector sums[kTileGroup][2] = {};
      const float* weight = weights;
      for (int channel = 0; channel < s.in_channels; channel++, weight += kTileFilters) {
        const Vector first = load(weight), second = load(weight + kLanes);
#pragma GCC unroll 8
        for (int index = 0; index < kTileGroup; index++) {
          const Vector value = broadcast(in[index * s.in_channels + channel]);
          sums[index][0] += value * first;
          sums[index][1] += value * second;
        }
      }
      in += kTileGroup * s.in_channels;
#pragma GCC unroll 8
      for (int index = 0; index < kTileGroup; index++, to += kTileFilters) {
        store(to, sums[index][0]);
        store(to + kLanes, sums[index][1]);
      }
    }
}

// Bits of a tile's outputs, row by row, from the rows of `ties`.
static inline uint32_t tile_bits(const std::vector<uint64_t>& rows, int top, int left) {
  uint32_t bits = 0;
  for (int y = 0; y < kTileOut && top + y < static_cast<int>(rows.size()); y++)
    bits |= static_cast<uint32_t>(rows[top + y] >> left & 15) << (y * kTileOut);
  return bits;
}

// Equal patches get equal sums, and blank ones 0, as the direct sum gives them: rounding differs from output to output
// of a tile, and the gradient would go elsewhere than TensorFlow's. Only ties inside a window matter.
static inline void settle_ties(const PatchTies& ties, int top, int left, Vector (&sums)[kTileOut][kTileOut]) {
  const uint32_t blank = tile_bits(ties.blank, top, left), right = tile_bits(ties.right, top, left) & 0x5555,
                 below = tile_bits(ties.below, top, left) & 0x0f0f;
  if ((blank | right | below) == 0) return;
#pragma GCC unroll 16
  for (int at = 0; at < kTileOut * kTileOut; at++) {
    Vector& sum = sums[at / kTileOut][at % kTileOut];
    if (below << kTileOut >> at & 1) sum = sums[(at - kTileOut + 16) % 16 / kTileOut][at % kTileOut];
    if (right << 1 >> at & 1) sum = sums[at / kTileOut][(at + 3) % kTileOut];
    if (blank >> at & 1) sum = Vector{};
  }
}

static inline Vector largest_of(Vector left, Vector right) { return left > right ? left : right; }

// Part of the largest sum of a window by which Winograd's rounding may stand between two of them.
constexpr float kNear = 2e-5f;

// One sum by the direct way, by vectors of a kernel row, whose ends are zeros; `weights` is the filter's.
static inline float conv_sum(const ConvShape& s, const float* corner, const float* weights) {
  Vector sums{};
  for (int row = 0; row < s.kernel; row++, corner += s.row_stride(), weights += row_floats(s))
    for (int tap = 0; tap < s.row_taps(); tap += kLanes) sums += load(corner + tap) * load(weights + tap);
  float total = 0;
  for (int lane = 0; lane < kLanes; lane++) total += sums[lane];
  return total;
}

// Where the largest sum of a window is in doubt, or whether it is above 0, the direct way decides.
static inline void settle_near(const ConvShape& s, const float* corner, const float* weights, Vector bias, int filters,
                               Vector (&sums)[4]) {
  const Vector best = largest_of(largest_of(sums[0], sums[1]), largest_of(sums[2], sums[3]));
  const Vector least = -largest_of(largest_of(-sums[0], -sums[1]), largest_of(-sums[2], -sums[3]));
  const Vector margin = largest_of(best, -least) * kNear, above = best + bias;
  Mask is_near = (above < margin) & (above > -margin) & (best != Vector{});
#pragma GCC unroll 4
  for (int at = 0; at < 4; at++) is_near |= (sums[at] != best) & (best - sums[at] < margin);
  if (has_no_bits(is_near)) return;
  for (int lane = 0; lane < kLanes && lane < filters; lane++)
    for (int at = 0; at < 4 && is_near[lane]; at++)
      sums[at][lane] = conv_sum(s, corner + at / 2 * s.row_stride() + at % 2 * s.in_channels,
                                weights + static_cast<size_t>(lane) * filter_floats(s));
}

// A tile's products back to its sixteen sums, which are four windows, for one vector of filters.
static inline void store_tile(const ConvShape& s, const float* products, size_t point_stride, const PatchTies& ties,
                              int tile_row, int tile_column, const float* in, const float* weights, Vector bias,
                              int filters, float* out, int out_row_stride, uint8_t* codes) {
  Vector columns[kTileIn][kTileOut], sums[kTileOut][kTileOut];
#pragma GCC unroll 8
  for (int x = 0; x < kTileIn; x++) {
    Vector column[kTileIn];
#pragma GCC unroll 8
    for (int y = 0; y < kTileIn; y++) column[y] = load(products + (y * kTileIn + x) * point_stride);
    transform_output(column, columns[x]);
  }
#pragma GCC unroll 4
  for (int y = 0; y < kTileOut; y++)
    transform_output({columns[0][y], columns[1][y], columns[2][y], columns[3][y], columns[4][y], columns[5][y],
                      columns[6][y], columns[7][y]},
                     sums[y]);
  settle_ties(ties, kTileOut * tile_row, kTileOut * tile_column, sums);
#pragma GCC unroll 2
  for (int half = 0; half < 2; half++) {
    const int y = 2 * tile_row + half, x = 2 * tile_column;
    if (y >= s.out_height()) return;
    const Vector(&upper)[kTileOut] = sums[2 * half], (&lower)[kTileOut] = sums[2 * half + 1];
    float* window = out + y * out_row_stride + x * s.filters;
    uint8_t* code = codes + (y * s.out_width() + x) * s.filters;
    const float* corner = in + 2 * y * s.row_stride() + 2 * x * s.in_channels;
#pragma GCC unroll 2
    for (int side = 0; side < 2; side++) {
      if (x + side >= s.out_width()) continue;
      Vector four[4] = {upper[2 * side], upper[2 * side + 1], lower[2 * side], lower[2 * side + 1]};
      settle_near(s, corner + 2 * side * s.in_channels, weights, bias, filters, four);
      store_window(s, four, bias, filters, window + side * s.filters, code + side * s.filters);
    }
  }
}

static inline void store_band(const ConvShape& s, const TileBand& band, const float* products,
                              const float* in, const float* weights, const float* bias, int first, float* out,
                              int out_row_stride, uint8_t* codes) {
  const size_t point_stride = static_cast<size_t>(band.tiles) * kTileFilters;
  for (int part = 0; part < 2 && first < s.filters; part++, first += kLanes, products += kLanes) {
    const int filters = s.filters - first;
    Vector biases{};
    for (int lane = 0; s.bias && lane < kLanes && lane < filters; lane++) biases[lane] = bias[first + lane];
    for (int row = 0; row < band.rows; row++)
      for (int tile = 0; tile < tiles_across(s); tile++)
        store_tile(s, products + static_cast<size_t>(row * tiles_across(s) + tile) * kTileFilters, point_stride,
                   band.ties, band.first_row + row, tile, in, weights + static_cast<size_t>(first) * filter_floats(s),
                   biases, filters, out + first, out_row_stride, codes + first);
  }
}

// One image; the arguments are those of conv_pool, but for the weights, which come transformed and by filter, and `band`,
// the memory to work with.
static inline void conv_pool_winograd(const ConvShape& s, const float* in, const float* points, const float* weights,
                                      const float* bias, TileBand& band, float* out, int out_row_stride,
                                      uint8_t* codes) {
  const int across = tiles_across(s), most = round_up(kTileRows * across, kTileGroup);
  band.columns.reserve(static_cast<size_t>(kTileIn) * (kTileOut * across + kTileKernel - 1) * kLanes);
  band.inputs.reserve(static_cast<size_t>(kTilePoints) * most * s.in_channels);
  band.products.reserve(static_cast<size_t>(kTilePoints) * most * kTileFilters);
  find_ties(s, in, band.ties);
  for (int row = 0; row < tiles_down(s); row += kTileRows) {
    band.first_row = row;
    band.rows = std::min(kTileRows, tiles_down(s) - row);
    band.tiles = round_up(band.rows * across, kTileGroup);
    for (int index = 0; index < band.rows; index++) transform_tile_row(s, in, row + index, band);
    for (int block = 0; block < filter_blocks(s); block++) {
      multiply_tiles(s, points + static_cast<size_t>(block) * s.in_channels * kTileFilters, band);
      store_band(s, band, band.products.data(), in, weights, bias, block * kTileFilters, out, out_row_stride, codes);
    }
  }
}

}  // namespace MNIST_ISA
}  // namespace mnist
