// Computes plain::conv_pool for 5 x 5 kernels by Winograd's algorithm, to rounding (winograd.h). For an image of 14 x
// 14 the direct sum has 5.4 times as many products as this has in training, and 7.2 times as many as this has in
// prediction.
// cnn's second block on one core of an AMD EPYC (Zen 5), AVX-512: 7.3 us an image in training and 5.1 in prediction,
// conv_pool.h 17.7, the plain loop 1,203.
#pragma once

#include "conv_pool.h"
#include "patch_ties.h"
#include "winograd_tiles.h"

namespace mnist {
namespace MNIST_ISA {

// Memory to work with.
struct WinogradScratch {
  TileBand band;
  PatchTies ties;
};

// Equal patches get equal sums, and blank ones 0, as the direct sum gives them: rounding differs from output to output
// of a tile, and the gradient would go elsewhere than TensorFlow's. Only ties inside a window matter.
static inline void settle_ties(const PatchTies& ties, int y, int x, Vector (&sums)[4]) {
  if (!(ties.windows[y / 2] >> x & 1)) return;
  const auto has = [&](const std::vector<uint64_t>& rows, int at) { return rows[y + at / 2] >> (x + at % 2) & 1; };
  if (has(ties.right, 0)) sums[1] = sums[0];
  if (has(ties.below, 0)) sums[2] = sums[0];
  if (has(ties.below, 1)) sums[3] = sums[1];
  if (has(ties.right, 2)) sums[3] = sums[2];
#pragma GCC unroll 4
  for (int at = 0; at < 4; at++)
    if (has(ties.blank, at)) sums[at] = Vector{};
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
static inline void settle_near(const ConvShape& s, const float* corner, const float* weights, Vector bias,
                               int filters, Vector (&sums)[4]) {
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

// What the windows of a vector of filters need.
struct WindowFilters {
  const float* in;  // the image
  const float* weights;  // by filter
  Vector bias;
  int count;
  float* out;
  int out_row_stride;
  uint8_t* codes;
};

// A tile's products back to its sums, whose windows are settled and stored.
template <int kLarge, int kDown, int kAcross>
static void store_tile(const ConvShape& s, const TilePlace<kLarge, const float>& products, const PatchTies& ties, int top, int left,
                       const WindowFilters& filters) {
  constexpr int kInDown = kDown + kTileKernel - 1, kInAcross = kAcross + kTileKernel - 1;
  Vector rows[kDown][kInAcross];
#pragma GCC unroll 16
  for (int x = 0; x < kInAcross; x++) {
    Vector points[kInDown], column[kDown];
#pragma GCC unroll 16
    for (int y = 0; y < kInDown; y++) points[y] = load(products.at(y, x));
    collect<kLarge>(points, column);
#pragma GCC unroll 16
    for (int y = 0; y < kDown; y++) rows[y][x] = column[y];
  }
  for (int y = 0; y < kDown; y += 2) {
    Vector upper[kAcross], lower[kAcross];
    collect<kLarge>(rows[y], upper);
    collect<kLarge>(rows[y + 1], lower);
    const int row = top + y;
    float* out = filters.out + row / 2 * filters.out_row_stride + left / 2 * s.filters;
    uint8_t* codes = filters.codes + (row / 2 * s.out_width() + left / 2) * s.filters;
    const float* corner = filters.in + row * s.row_stride() + left * s.in_channels;
#pragma GCC unroll 4
    for (int x = 0; x < kAcross; x += 2) {
      Vector four[4] = {upper[x], upper[x + 1], lower[x], lower[x + 1]};
      if (kLarge == kToTrain) {
        settle_ties(ties, row, left + x, four);
        settle_near(s, corner + x * s.in_channels, filters.weights, filters.bias, filters.count, four);
      }
      store_window(s, four, filters.bias, filters.count, out + x / 2 * s.filters, codes + x / 2 * s.filters);
    }
  }
}

template <int kLarge>
using StoreTile = void (*)(const ConvShape&, const TilePlace<kLarge, const float>&, const PatchTies&, int, int,
                           const WindowFilters&);

// By whether the tile is large down and across.
template <int kLarge>
constexpr StoreTile<kLarge> kStoreTile[2][2] = {
    {store_tile<kLarge, kLarge - 2, kLarge - 2>, store_tile<kLarge, kLarge - 2, kLarge>},
    {store_tile<kLarge, kLarge, kLarge - 2>, store_tile<kLarge, kLarge, kLarge>}};

// The outputs of a vector of filters, whose products begin at `products`.
template <int kLarge>
static void store_band(const ConvShape& s, const WinogradScratch& scratch, const float* products,
                       const WindowFilters& filters) {
  const TileAxis<kLarge> down(s.out_height()), across(s.out_width());
  const TileBand& band = scratch.band;
  for (int row = band.first_row; row < band.first_row + band.rows; row++)
    for (int tile = 0; tile < across.count; tile++) {
      const TilePlace<kLarge, const float> place(band, row, tile, products, kTileFilters);
      kStoreTile<kLarge>[down.is_large(row)][across.is_large(tile)](s, place, scratch.ties, down.start_of(row),
                                                                    across.start_of(tile), filters);
    }
}

// One image; the arguments are those of conv_pool, but for the weights, which come transformed and by filter. To train,
// ties are settled as the direct sum settles them.
template <int kLarge>
static void conv_pool_winograd(const ConvShape& s, const float* in, const float* points, const float* weights,
                               const float* bias, WinogradScratch& scratch, float* out, int out_row_stride,
                               uint8_t* codes) {
  const TileAxis<kLarge> down(s.out_height());
  const int bands = (down.count + kMostBand - 1) / kMostBand;
  const size_t block_size = region_starts<kLarge>(s)[kRegions] * point_weights(s);
  TileBand& band = scratch.band;
  if (kLarge == kToTrain) find_window_ties(s, in, scratch.ties);
  for (int index = 0; index < bands; index++) {
    const int first_row = down.count * index / bands, end = down.count * (index + 1) / bands;
    band.begin<kLarge>(s, first_row, end);
    for (int row = first_row; row < end; row++)
      if (down.is_large(row)) transform_tile_row<kLarge, kLarge>(s, in, row, band);
      else transform_tile_row<kLarge, kLarge - 2>(s, in, row, band);
    for (int block = 0; block < filter_blocks(s); block++) {
      multiply_tiles<kLarge>(s, points + block * block_size, band);
      for (int part = 0; part < 2; part++) {
        const int first = block * kTileFilters + part * kLanes, count = s.filters - first;
        if (count <= 0) break;
        Vector biases{};
        for (int lane = 0; s.bias && lane < kLanes && lane < count; lane++) biases[lane] = bias[first + lane];
        store_band<kLarge>(s, scratch, band.products.data() + part * kLanes,
                           {in, weights + static_cast<size_t>(first) * filter_floats(s), biases, count, out + first,
                            out_row_stride, codes + first});
      }
    }
  }
}

}  // namespace MNIST_ISA
}  // namespace mnist
