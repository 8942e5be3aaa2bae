// The tiles of an image on their way through conv_pool_winograd.h: inputs transformed to the points, and their products
// with the weights there.
#pragma once

#include <algorithm>
#include <array>
#include <utility>

#include "../floats.h"
#include "patch_ties.h"
#include "patches.h"
#include "shapes.h"
#include "winograd.h"

namespace mnist {
namespace MNIST_ISA {

// Filters and, at most, tiles whose products one pass keeps in registers, and rows of tiles whose memory stays in the
// caches.
constexpr int kTileFilters = 2 * kLanes, kMostGroup = kHas32Registers ? 12 : 6, kMostBand = 3;

// Channels are what the transforms' vectors hold: there must be whole vectors of them. The smallest tile has two cells
// a side.
static inline bool fits_winograd(const ConvShape& s) {
  return s.kernel == kTileKernel && s.in_channels % kLanes == 0 && s.out_height() > 1 && s.out_width() > 1 &&
         s.padded_width() <= kMostTieColumns;
}

static inline int filter_blocks(const ConvShape& s) { return round_up(s.filters, kTileFilters) / kTileFilters; }
static inline size_t point_weights(const ConvShape& s) { return static_cast<size_t>(s.in_channels) * kTileFilters; }

// Floats of the transformed weights: [block of filters][point][in_channels][kTileFilters], zeros in the last block's
// end.
template <int kLarge>
static inline size_t winograd_weights_size(const ConvShape& s) {
  return region_starts<kLarge>(s)[kRegions] * filter_blocks(s) * point_weights(s);
}

// Transforms a vector of filters, `first` and those behind it, out of [filter][kernel][kernel][in_channels].
template <int kLarge>
static void transform_weights(const ConvShape& s, int first, const float* from, float* to) {
  constexpr int kPoints = Points<kLarge>::kAll;
  const auto starts = region_starts<kLarge>(s);
  const int filters = std::min(kLanes, s.filters - first);
  constexpr int kTaps = kTileKernel * kTileKernel;
  from += first * filter_floats(s);
  to += (first / kTileFilters) * starts[kRegions] * point_weights(s) + first % kTileFilters;
  for (int channel = 0; channel < s.in_channels; channel += kLanes) {
    Mask weights[kTaps][kLanes];  // of a tap and a channel for all filters
    for (int tap = 0; tap < kTaps; tap++) {
      for (int filter = 0; filter < kLanes; filter++)
        weights[tap][filter] =
            filter < filters ? load_mask(from + filter * filter_floats(s) + tap * s.in_channels + channel) : Mask{};
      transpose(weights[tap]);
    }
    for (int lane = 0; lane < kLanes; lane++) {
      Vector columns[kTileKernel][kPoints];
      for (int x = 0; x < kTileKernel; x++) {
        Vector column[kTileKernel];
        for (int y = 0; y < kTileKernel; y++) column[y] = reinterpret_cast<Vector>(weights[y * kTileKernel + x][lane]);
        evaluate<kLarge>(column, columns[x]);
      }
      for (int y = 0; y < kPoints; y++) {
        Vector points[kPoints];
        evaluate<kLarge, kTileKernel>({columns[0][y], columns[1][y], columns[2][y], columns[3][y], columns[4][y]}, points);
        for (int x = 0; x < kPoints; x++) {
          const int region = Points<kLarge>::region_of(y, x);
          const size_t point = starts[region] + Points<kLarge>::place_in_region(y, x);
          if (starts[region] < starts[region + 1])
            store(to + point * point_weights(s) + (channel + lane) * kTileFilters, points[x]);
        }
      }
    }
  }
}

// Some rows of tiles: their inputs at the points, [region][point][tile][in_channels], and the products,
// [region][point][tile][kTileFilters].
struct TileBand {
  int first_row, rows;
  int tiles[kRegions], tiles_across[kRegions];  // that have a region's points
  int starts[kRegions];  // of a region, in tiles of one point
  Floats columns, inputs, products;

  template <int kLarge>
  void begin(const ConvShape& s, int first, int end) {
    const TileAxis<kLarge> down(s.out_height()), across(s.out_width());
    first_row = first;
    rows = end - first;
    const int high[] = {rows, std::min(end, down.large) - std::min(first, down.large)}, wide[] = {across.count, across.large};
    int total = 0;
    for (int region = 0; region < kRegions; region++) {
      tiles[region] = high[region & 1] * wide[region >> 1];
      tiles_across[region] = wide[region >> 1];
      starts[region] = total;
      total += tiles[region] * Points<kLarge>::count_of(region);
    }
    columns.reserve(static_cast<size_t>(Points<kLarge>::kAll) * across.inputs() * kLanes);
    inputs.reserve(static_cast<size_t>(total) * s.in_channels);
    products.reserve(static_cast<size_t>(total) * kTileFilters);
  }
};

// Where the points of one tile lie, `size` floats each.
template <int kLarge, typename Float>
struct TilePlace {
  TilePlace(const TileBand& band, int row, int tile, Float* from, int size) {
    for (int region = 0; region < kRegions; region++) {
      const int place = (row - band.first_row) * band.tiles_across[region] + tile;
      starts[region] = from + static_cast<size_t>(band.starts[region] + place) * size;
      strides[region] = static_cast<size_t>(band.tiles[region]) * size;
    }
  }
  __attribute__((always_inline)) Float* at(int y, int x) const {
    const int region = Points<kLarge>::region_of(y, x);
    return starts[region] + Points<kLarge>::place_in_region(y, x) * strides[region];
  }
  Float* starts[kRegions];
  size_t strides[kRegions];
};

// One row of points of a tile.
template <int kLarge, int kOut>
static inline __attribute__((always_inline)) void transform_across(const float* row, int y,
                                                                   const TilePlace<kLarge, float>& to) {
  constexpr int kIn = kOut + kTileKernel - 1;
  Vector values[kIn], points[kIn];
#pragma GCC unroll 16
  for (int x = 0; x < kIn; x++) values[x] = load(row + x * kLanes);
  transform_input<kLarge>(values, points);
#pragma GCC unroll 16
  for (int x = 0; x < kIn; x++) store(to.at(y, x), points[x]);
}

// A row of tiles, kOut outputs high: first down the columns, which neighboring tiles share, then across each tile.
template <int kLarge, int kOut>
static void transform_tile_row(const ConvShape& s, const float* in, int tile_row, TileBand& band) {
  constexpr int kIn = kOut + kTileKernel - 1;
  const TileAxis<kLarge> down(s.out_height()), across(s.out_width());
  const int width = across.inputs(), row_stride = s.row_stride();
  in += static_cast<size_t>(down.start_of(tile_row)) * row_stride;
  for (int channel = 0; channel < s.in_channels; channel += kLanes) {
    const float* from = in + channel;
    for (int x = 0; x < width; x++, from += s.in_channels) {
      Vector values[kIn], points[kIn];
#pragma GCC unroll 16
      for (int y = 0; y < kIn; y++) values[y] = load(from + y * row_stride);
      transform_input<kLarge>(values, points);
#pragma GCC unroll 16
      for (int y = 0; y < kIn; y++) store(band.columns.data() + (y * width + x) * kLanes, points[y]);
    }
    for (int tile = 0; tile < across.count; tile++) {
      const TilePlace<kLarge, float> to(band, tile_row, tile, band.inputs.data() + channel, s.in_channels);
      const float* row = band.columns.data() + across.start_of(tile) * kLanes;
      for (int y = 0; y < kIn; y++, row += width * kLanes)
        if (across.is_large(tile)) transform_across<kLarge, kLarge>(row, y, to);
        else transform_across<kLarge, kLarge - 2>(row, y, to);
    }
  }
}

// At kPoints points the product of [kTiles][channels] and [channels][kTileFilters].
template <int kPoints, int kTiles>
static void multiply_group(int channels, const float* in, const float* weights, float* to) {
  Vector sums[kPoints * kTiles][2];
  set_zero(sums);
  for (int channel = 0; channel < channels; channel++)
#pragma GCC unroll 4
    for (int point = 0; point < kPoints; point++) {
      const float* weight = weights + (point * channels + channel) * kTileFilters;
      const Vector first = load(weight), second = load(weight + kLanes);
#pragma GCC unroll 16
      for (int tile = point * kTiles; tile < (point + 1) * kTiles; tile++) {
        const Vector value = broadcast(in[tile * channels + channel]);
        sums[tile][0] += value * first;
        sums[tile][1] += value * second;
      }
    }
#pragma GCC unroll 16
  for (int tile = 0; tile < kPoints * kTiles; tile++) {
    store(to + tile * kTileFilters, sums[tile][0]);
    store(to + tile * kTileFilters + kLanes, sums[tile][1]);
  }
}

using MultiplyGroup = void (*)(int, const float*, const float*, float*);

template <int kPoints, size_t... kTiles>
constexpr std::array<MultiplyGroup, sizeof...(kTiles)> with_tiles(std::index_sequence<kTiles...>) {
  return {multiply_group<kPoints, kTiles + 1>...};
}

// At each point of a region the product of its tiles and its weights.
template <int kPoints>
static void multiply_region(int channels, int points, int tiles, const float* in, const float* weights, float* to) {
  static constexpr auto kMultiply = with_tiles<kPoints>(std::make_index_sequence<kMostGroup / kPoints>());
  const int groups = (tiles + kMostGroup - 1) / kMostGroup;
  for (int point = 0; point < points; point += kPoints, weights += kPoints * channels * kTileFilters)
    for (int group = 0; group < groups; group++) {
      const int count = tiles * (group + 1) / groups - tiles * group / groups;
      kMultiply[count - 1](channels, in, weights, to);
      in += kPoints * count * channels;
      to += kPoints * count * kTileFilters;
    }
}

// The products of a band; `weights` are those of a block of filters. With few tiles, several points at once keep the
// arithmetic busy.
template <int kLarge>
static void multiply_tiles(const ConvShape& s, const float* weights, TileBand& band) {
  const auto region_points = region_starts<kLarge>(s);
  for (int region = 0; region < kRegions; region++) {
    const int tiles = band.tiles[region];
    const auto multiply = 4 * tiles <= kMostGroup   ? multiply_region<4>
                          : 2 * tiles <= kMostGroup ? multiply_region<2>
                                                    : multiply_region<1>;
    multiply(s.in_channels, Points<kLarge>::count_of(region), tiles,
             band.inputs.data() + static_cast<size_t>(band.starts[region]) * s.in_channels,
             weights + region_points[region] * point_weights(s),
             band.products.data() + static_cast<size_t>(band.starts[region]) * kTileFilters);
  }
}

}  // namespace MNIST_ISA
}  // namespace mnist
