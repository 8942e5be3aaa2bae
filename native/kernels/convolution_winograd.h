// Computes plain::convolution and plain::convolution_gradients by Winograd's algorithm (winograd.h), to rounding, for
// kernels of 3 x 3 and 5 x 5 with stride 1. Inputs become V at the points, weights U, the output's gradient E; at each
// point the outputs are V U, the input gradient E U', and the filter gradient, which is summed over a whole part of a
// batch before it leaves the points, V' E. Tiles of several images go through these products together.
#pragma once

#include <algorithm>
#include <vector>

#include "../floats.h"
#include "convolution.h"
#include "dense.h"
#include "patch_ties.h"
#include "shapes.h"
#include "vector.h"
#include "winograd.h"

namespace mnist {
namespace MNIST_ISA {

// Outputs of a tile along one axis, and about as many tiles as go through the products at once.
constexpr int kTile = kToTrain, kTilesAtOnce = 48;

constexpr int tile_points(int kernel) { return kTile + kernel - 1; }  // along one axis

// A dilated convolution falls apart into dilation x dilation others, of every so many-th pixel each.
struct TileGrid {
  int row, column;    // of its first output
  int height, width;  // outputs
  int down, across;   // tiles
  int first;          // number of its first tile
};

static inline std::vector<TileGrid> tile_grids(const ConvolutionShape& s) {
  std::vector<TileGrid> grids;
  int first = 0;
  for (int row = 0; row < std::min(s.dilation, s.out_height); row++)
    for (int column = 0; column < std::min(s.dilation, s.out_width); column++) {
      const int height = (s.out_height - row - 1) / s.dilation + 1, width = (s.out_width - column - 1) / s.dilation + 1;
      grids.push_back({row, column, height, width, (height + kTile - 1) / kTile, (width + kTile - 1) / kTile, first});
      first += grids.back().down * grids.back().across;
    }
  return grids;
}

// How a convolution is computed: its tiles, and how many images go together.
struct TilePlan {
  explicit TilePlan(const ConvolutionShape& s)
      : grids(tile_grids(s)), tiles(grids.back().first + grids.back().down * grids.back().across),
        images(std::max(1, kTilesAtOnce / tiles)) {}
  std::vector<TileGrid> grids;
  int tiles, images;
};

// Worth it where the transforms, whose vectors hold channels and filters, are less than what they save.
static inline bool fits_tiles(const ConvolutionShape& s) {
  if (s.stride != 1 || (s.kernel != 3 && s.kernel != 5) || s.in.channels < kLanes || s.filters < kLanes) return false;
  if (s.group_channels() < 8 || s.group_filters() < 8 || s.out_height < 2 || s.out_width < 2) return false;
  if (convolution_frame(s).width > kMostTieColumns || !needs_all_taps(s)) return false;
  const int points = tile_points(s.kernel);
  return 3 * TilePlan(s).tiles * points * points < 2 * s.out_height * s.out_width * s.kernel * s.kernel;
}

// Floats of a row of V, E and the outputs at a point, and of U and of U'.
static inline int tile_row(int count) { return round_up(count, kLanes); }
// Floats from one point to the next: an odd number of cache lines, because those of all points are read together.
static inline size_t point_stride(int tiles, int count) {
  return (static_cast<size_t>(tiles) * tile_row(count) + 15) / 16 / 2 * 32 + 16;
}
static inline int all_points(const ConvolutionShape& s) { return tile_points(s.kernel) * tile_points(s.kernel); }
// Floats of U [group][point][group channels][tile_row(group filters)].
static inline size_t tile_weights_size(const ConvolutionShape& s) {
  return static_cast<size_t>(s.groups) * all_points(s) * s.group_channels() * tile_row(s.group_filters());
}
// And of U' [group][point][group filters][tile_row(group channels)].
static inline size_t tile_weights_back_size(const ConvolutionShape& s) {
  return static_cast<size_t>(s.groups) * all_points(s) * s.group_filters() * tile_row(s.group_channels());
}

// Memory to work with.
struct TileScratch {
  Floats edge;     // the zeros above and below an image
  Floats columns;  // a row of tiles on its way
  Floats inputs, outputs;  // V and what is in its place backward, the outputs at the points or E: [point][tile][row]
};

// Images of a batch: each `size` floats behind the one before, its pixel (0, 0) at `data`.
template <typename Float>
struct TileImages {
  Float* data;
  size_t size;
  int row_stride;
  Float* of(int image) const { return data + image * size; }
};

// Transforms a tile row's columns: `rows` are pointers to its rows of pixels, at the first channel of a vector.
template <int kPoints>
static void transform_columns(const ConvolutionShape& s, const TileGrid& grid, const float* const (&rows)[kPoints],
                              int width, float* columns) {
  for (int x = 0; x < width; x++) {
    const int pixel = grid.column + x * s.dilation - s.pad_left;
    Vector values[kPoints] = {}, points[kPoints];
    if (pixel >= 0 && pixel < s.in.width) {
      const size_t at = static_cast<size_t>(pixel) * s.in.channels;
#pragma GCC unroll 8
      for (int y = 0; y < kPoints; y++) values[y] = load(rows[y] + at);
      transform_input<kTile>(values, points);
    } else {
#pragma GCC unroll 8
      for (int y = 0; y < kPoints; y++) points[y] = Vector{};
    }
#pragma GCC unroll 8
    for (int y = 0; y < kPoints; y++) store(columns + (y * width + x) * kLanes, points[y]);
  }
}

// An image to the points: `to` is where its first tile lies at the first of them, `stride` is from point to point.
template <int kKernel>
static void transform_tiles(const ConvolutionShape& s, const std::vector<TileGrid>& grids, const float* in, int row_stride,
                            TileScratch& scratch, float* to, size_t stride) {
  constexpr int kPoints = tile_points(kKernel);
  const int to_row = tile_row(s.in.channels);
  for (const TileGrid& grid : grids)
    for (int down = 0; down < grid.down; down++)
      for (int channel = 0; channel < s.in.channels; channel += kLanes) {
        const int width = kTile * grid.across + kKernel - 1;
        const float* rows[kPoints];
        for (int y = 0; y < kPoints; y++) {
          const int row = grid.row + (kTile * down + y) * s.dilation - s.pad_top;
          rows[y] = row >= 0 && row < s.in.height ? in + static_cast<size_t>(row) * row_stride + channel
                                                  : scratch.edge.data();
        }
        transform_columns<kPoints>(s, grid, rows, width, scratch.columns.data());
        for (int across = 0; across < grid.across; across++) {
          const float* from = scratch.columns.data() + kTile * across * kLanes;
          float* tile = to + static_cast<size_t>(grid.first + down * grid.across + across) * to_row + channel;
          for (int y = 0; y < kPoints; y++, from += width * kLanes) {
            Vector values[kPoints], points[kPoints];
#pragma GCC unroll 8
            for (int x = 0; x < kPoints; x++) values[x] = load(from + x * kLanes);
            transform_input<kTile>(values, points);
#pragma GCC unroll 8
            for (int x = 0; x < kPoints; x++, tile += stride) store(tile, points[x]);
          }
        }
      }
}

// The other way around, added to the gradient `to` of an image without border.
template <int kKernel>
static void collect_tiles(const ConvolutionShape& s, const std::vector<TileGrid>& grids, const float* from, size_t stride,
                          TileScratch& scratch, float* to) {
  constexpr int kPoints = tile_points(kKernel);
  const int from_row = tile_row(s.in.channels);
  for (const TileGrid& grid : grids)
    for (int down = 0; down < grid.down; down++)
      for (int channel = 0; channel < s.in.channels; channel += kLanes) {
        const int width = kTile * grid.across + kKernel - 1;
        std::fill_n(scratch.columns.data(), kPoints * width * kLanes, 0.0f);
        for (int across = 0; across < grid.across; across++) {
          const float* tile = from + static_cast<size_t>(grid.first + down * grid.across + across) * from_row + channel;
          float* columns = scratch.columns.data() + kTile * across * kLanes;
          for (int y = 0; y < kPoints; y++, columns += width * kLanes) {
            Vector points[kPoints], values[kPoints];
#pragma GCC unroll 8
            for (int x = 0; x < kPoints; x++, tile += stride) points[x] = load(tile);
            collect_input<kTile>(points, values);
#pragma GCC unroll 8
            for (int x = 0; x < kPoints; x++) store(columns + x * kLanes, load(columns + x * kLanes) + values[x]);
          }
        }
        float* rows[kPoints];
        for (int y = 0; y < kPoints; y++) {
          const int row = grid.row + (kTile * down + y) * s.dilation - s.pad_top;
          rows[y] = row >= 0 && row < s.in.height ? to + row * s.in.row() + channel : nullptr;
        }
        for (int x = 0; x < width; x++) {
          const int pixel = grid.column + x * s.dilation - s.pad_left;
          if (pixel < 0 || pixel >= s.in.width) continue;
          Vector points[kPoints], values[kPoints];
#pragma GCC unroll 8
          for (int y = 0; y < kPoints; y++) points[y] = load(scratch.columns.data() + (y * width + x) * kLanes);
          collect_input<kTile>(points, values);
          for (int y = 0; y < kPoints; y++) {
            if (rows[y] == nullptr) continue;
            float* place = rows[y] + pixel * s.in.channels;
            store_some(place, load(place) + values[y], s.in.channels - channel);
          }
        }
      }
}

// Products at the points to the outputs of an image, with bias where there is one.
template <int kKernel>
static void collect_outputs(const ConvolutionShape& s, const std::vector<TileGrid>& grids, const float* from, size_t stride,
                            const float* bias, float* out, int row_stride) {
  constexpr int kPoints = tile_points(kKernel);
  const int from_row = tile_row(s.filters);
  for (const TileGrid& grid : grids)
    for (int number = 0; number < grid.down * grid.across; number++) {
      const int top = kTile * (number / grid.across), left = kTile * (number % grid.across);
      const int height = std::min(kTile, grid.height - top), width = std::min(kTile, grid.width - left);
      float* corner = out + (grid.row + top * s.dilation) * row_stride + (grid.column + left * s.dilation) * s.filters;
      for (int filter = 0; filter < s.filters; filter += kLanes) {
        const float* tile = from + static_cast<size_t>(grid.first + number) * from_row + filter;
        Vector rows[kTile][kPoints];
#pragma GCC unroll 8
        for (int x = 0; x < kPoints; x++) {
          Vector points[kPoints], values[kTile];
#pragma GCC unroll 8
          for (int y = 0; y < kPoints; y++) points[y] = load(tile + (y * kPoints + x) * stride);
          collect<kTile>(points, values);
#pragma GCC unroll 4
          for (int y = 0; y < kTile; y++) rows[y][x] = values[y];
        }
        const Vector first = bias == nullptr ? Vector{} : load(bias + filter);
        for (int y = 0; y < height; y++) {
          Vector values[kTile];
          collect<kTile>(rows[y], values);
          float* to = corner + y * s.dilation * row_stride + filter;
#pragma GCC unroll 4
          for (int x = 0; x < kTile; x++, to += s.dilation * s.filters)
            if (x < width) store_some(to, values[x] + first, s.filters - filter);
        }
      }
    }
}

// Gives equal patches equal outputs, and blank ones their bias alone, as the direct sum does.
static inline void settle_outputs(const ConvolutionShape& s, PatchTies& ties, const float* bias, float* out, int row_stride) {
  ties.find_runs(s.out_height, s.out_width);
  for (const PatchRun& run : ties.runs) {
    float* to = out + run.row * row_stride + run.first * s.filters;
    const PatchRun& first = ties.runs[ties.first_of(run.number)];
    const float* from = first.is_blank ? bias : out + first.row * row_stride + first.first * s.filters;
    for (int x = run.first; x < run.end; x++, to += s.filters) {
      if (from == nullptr) std::fill_n(to, s.filters, 0.0f);
      else if (from != to) std::copy_n(from, s.filters, to);
    }
  }
}

// The gradients of a tile's outputs, one for each row and column, beginning at row `top` and column `left` of the outputs.
struct TileCorner {
  int top, left;
  int height, width;  // that there are
};

// The gradient of an image's outputs to the points: load_tile(corner, filter, values) gives that of a vector of filters, and
// zeros where a tile reaches over the edge.
template <int kKernel, typename LoadTile>
static void spread_outputs(const ConvolutionShape& s, const std::vector<TileGrid>& grids, const LoadTile& load_tile,
                           float* to, size_t stride) {
  constexpr int kPoints = tile_points(kKernel);
  const int to_row = tile_row(s.filters);
  for (const TileGrid& grid : grids)
    for (int number = 0; number < grid.down * grid.across; number++) {
      const int top = kTile * (number / grid.across), left = kTile * (number % grid.across);
      const TileCorner corner = {grid.row + top * s.dilation, grid.column + left * s.dilation,
                                 std::min(kTile, grid.height - top), std::min(kTile, grid.width - left)};
      for (int filter = 0; filter < s.filters; filter += kLanes) {
        Vector values[kTile][kTile], columns[kPoints][kTile];  // values [column][row]
        load_tile(corner, filter, values);
#pragma GCC unroll 4
        for (int x = 0; x < kTile; x++) {
          Vector points[kPoints];
          evaluate<kTile>(values[x], points);
#pragma GCC unroll 8
          for (int y = 0; y < kPoints; y++) columns[y][x] = points[y];
        }
        float* tile = to + static_cast<size_t>(grid.first + number) * to_row + filter;
        for (int y = 0; y < kPoints; y++) {
          Vector points[kPoints];
          evaluate<kTile>(columns[y], points);
#pragma GCC unroll 8
          for (int x = 0; x < kPoints; x++, tile += stride) store(tile, points[x]);
        }
      }
    }
}

static inline void reserve_tiles(const ConvolutionShape& s, const TilePlan& plan, TileScratch& scratch) {
  const int tiles = plan.images * plan.tiles;
  int across = 0;
  for (const TileGrid& grid : plan.grids) across = std::max(across, grid.across);
  scratch.edge.reserve(s.in.row());
  scratch.columns.reserve(static_cast<size_t>(tile_points(s.kernel)) * (kTile * across + s.kernel - 1) * kLanes);
  scratch.inputs.reserve(all_points(s) * point_stride(tiles, s.in.channels));
  scratch.outputs.reserve(all_points(s) * point_stride(tiles, s.filters));
}

// The outputs of at most plan.images images; `weights` is U, `bias` the biases or nullptr.
template <int kKernel>
static void convolve_tiles_of(const ConvolutionShape& s, const TilePlan& plan, int images, TileImages<const float> in,
                              const float* weights, const float* bias, TileScratch& scratch, TileImages<float> out) {
  reserve_tiles(s, plan, scratch);
  const int tiles = images * plan.tiles, channels = s.group_channels(), filters = s.group_filters();
  const int in_row = tile_row(s.in.channels), out_row = tile_row(s.filters), weights_row = tile_row(filters);
  const size_t in_stride = point_stride(tiles, s.in.channels), out_stride = point_stride(tiles, s.filters);
  for (int image = 0; image < images; image++)
    transform_tiles<kKernel>(s, plan.grids, in.of(image), in.row_stride, scratch,
                             scratch.inputs.data() + static_cast<size_t>(image) * plan.tiles * in_row, in_stride);
  for (int group = 0; group < s.groups; group++)
    for (int point = 0; point < all_points(s); point++, weights += channels * weights_row)
      matmul(tiles, channels, filters, scratch.inputs.data() + point * in_stride + group * channels, {in_row, 1}, weights,
             weights_row, scratch.outputs.data() + point * out_stride + group * filters, out_row);
  for (int image = 0; image < images; image++)
    collect_outputs<kKernel>(s, plan.grids, scratch.outputs.data() + static_cast<size_t>(image) * plan.tiles * out_row,
                             out_stride, bias, out.of(image), out.row_stride);
}

// The gradients of at most plan.images images. That of the weights, at the points as U lies, is added to d_weights; that
// of the inputs, images without border, is made with U' unless `weights_back` is nullptr.
template <int kKernel>
static void tile_gradients_of(const ConvolutionShape& s, const TilePlan& plan, int images, TileImages<const float> in,
                              TileImages<const float> d_out, const float* weights_back, TileScratch& scratch,
                              float* d_weights, TileImages<float> d_in) {
  reserve_tiles(s, plan, scratch);
  const int tiles = images * plan.tiles, channels = s.group_channels(), filters = s.group_filters();
  const int in_row = tile_row(s.in.channels), out_row = tile_row(s.filters);
  const int weights_row = tile_row(filters), back_row = tile_row(channels);
  const size_t in_stride = point_stride(tiles, s.in.channels), out_stride = point_stride(tiles, s.filters);
  for (int image = 0; image < images; image++) {
    const size_t first = static_cast<size_t>(image) * plan.tiles;
    transform_tiles<kKernel>(s, plan.grids, in.of(image), in.row_stride, scratch, scratch.inputs.data() + first * in_row,
                             in_stride);
    const float* gradient = d_out.of(image);
    const auto load_tile = [&](const TileCorner& corner, int filter, Vector (&values)[kTile][kTile]) {
      const float* from = gradient + (corner.top * s.out_width + corner.left) * s.filters + filter;
#pragma GCC unroll 4
      for (int x = 0; x < kTile; x++)
#pragma GCC unroll 4
        for (int y = 0; y < kTile; y++)
          values[x][y] = x < corner.width && y < corner.height
                             ? load(from + (y * s.out_width + x) * s.dilation * s.filters)
                             : Vector{};
    };
    spread_outputs<kKernel>(s, plan.grids, load_tile, scratch.outputs.data() + first * out_row, out_stride);
  }
  for (int group = 0; group < s.groups; group++)
    for (int point = 0; point < all_points(s); point++) {
      float* inputs = scratch.inputs.data() + point * in_stride + group * channels;
      const float* outputs = scratch.outputs.data() + point * out_stride + group * filters;
      matmul(channels, tiles, filters, inputs, {1, in_row}, outputs, out_row, d_weights, weights_row, true);
      d_weights += channels * weights_row;
      if (weights_back == nullptr) continue;
      matmul(tiles, filters, channels, outputs, {out_row, 1}, weights_back, back_row, inputs, in_row);
      weights_back += filters * back_row;
    }
  for (int image = 0; image < images && weights_back != nullptr; image++) {
    std::fill_n(d_in.of(image), s.in.size(), 0.0f);
    collect_tiles<kKernel>(s, plan.grids, scratch.inputs.data() + static_cast<size_t>(image) * plan.tiles * in_row,
                           in_stride, scratch, d_in.of(image));
  }
}

// A kernel to the points, a vector of filters or channels at once: load_tap(y, x) gives the weights of a tap, and
// use(point, weights) gets those at each point.
template <int kKernel, typename LoadTap, typename Use>
static inline __attribute__((always_inline)) void transform_taps(const LoadTap& load_tap, const Use& use) {
  constexpr int kPoints = tile_points(kKernel);
  Vector columns[kPoints][kKernel];
  for (int x = 0; x < kKernel; x++) {
    Vector taps[kKernel], points[kPoints];
    for (int y = 0; y < kKernel; y++) taps[y] = load_tap(y, x);
    evaluate<kTile>(taps, points);
    for (int y = 0; y < kPoints; y++) columns[y][x] = points[y];
  }
  for (int y = 0; y < kPoints; y++) {
    Vector points[kPoints];
    evaluate<kTile>(columns[y], points);
    for (int x = 0; x < kPoints; x++) use(y * kPoints + x, points[x]);
  }
}

// Weights of some channels of each group, [tap][group channels][filters], to U and, unless it is nullptr, to U'.
template <int kKernel>
static void transform_kernel_of(const ConvolutionShape& s, int first, int end, const float* from, float* to, float* back) {
  constexpr int kPoints = tile_points(kKernel);
  const int channels = s.group_channels(), filters = s.group_filters();
  const int to_row = tile_row(filters), back_row = tile_row(channels);
  for (int group = 0; group < s.groups; group++)
    for (int channel = first; channel < end; channel++)
      for (int filter = 0; filter < filters; filter += kLanes) {
        const float* weights = from + static_cast<size_t>(channel) * s.filters + group * filters + filter;
        const auto load_tap = [&](int y, int x) {
          return load(weights + static_cast<size_t>(y * kKernel + x) * channels * s.filters);
        };
        transform_taps<kKernel>(load_tap, [&](int number, Vector values) {
          const size_t point = static_cast<size_t>(group) * kPoints * kPoints + number;
          store(to + (point * channels + channel) * to_row + filter, values);
          if (back == nullptr) return;
          float* place = back + (point * filters + filter) * back_row + channel;
          for (int lane = 0; lane < kLanes && lane < filters - filter; lane++, place += back_row) *place = values[lane];
        });
      }
}

// The gradient of some channels at the points, summed over the parts of a batch, to that of the weights
// [tap][end - first][filters].
template <int kKernel, int kCount>
static void collect_kernel_of(const ConvolutionShape& s, int first, int end, const Floats (&parts)[kCount], float* to) {
  constexpr int kPoints = tile_points(kKernel);
  const int channels = s.group_channels(), filters = s.group_filters(), row = tile_row(filters);
  for (int group = 0; group < s.groups; group++)
    for (int channel = first; channel < end; channel++)
      for (int filter = 0; filter < filters; filter += kLanes) {
        Vector rows[kKernel][kPoints];
        for (int x = 0; x < kPoints; x++) {
          Vector points[kPoints], values[kKernel];
          for (int y = 0; y < kPoints; y++) {
            const size_t point = static_cast<size_t>(group) * kPoints * kPoints + y * kPoints + x;
            const size_t place = (point * channels + channel) * row + filter;
            points[y] = load(parts[0].data() + place);
            for (int part = 1; part < kCount; part++) points[y] += load(parts[part].data() + place);
          }
          collect<kTile>(points, values);
          for (int y = 0; y < kKernel; y++) rows[y][x] = values[y];
        }
        for (int y = 0; y < kKernel; y++) {
          Vector taps[kKernel];
          collect<kTile>(rows[y], taps);
          for (int x = 0; x < kKernel; x++)
            store_some(to + (static_cast<size_t>(y * kKernel + x) * (end - first) + channel - first) * s.filters +
                           group * filters + filter,
                       taps[x], filters - filter);
        }
      }
}

// What the kernel size chooses.
template <typename... Arguments>
static inline void convolve_tiles(const ConvolutionShape& s, Arguments&&... arguments) {
  (s.kernel == 3 ? convolve_tiles_of<3> : convolve_tiles_of<5>)(s, arguments...);
}
template <typename... Arguments>
static inline void tile_gradients(const ConvolutionShape& s, Arguments&&... arguments) {
  (s.kernel == 3 ? tile_gradients_of<3> : tile_gradients_of<5>)(s, arguments...);
}
static inline void transform_kernel(const ConvolutionShape& s, int first, int end, const float* from, float* to, float* back) {
  (s.kernel == 3 ? transform_kernel_of<3> : transform_kernel_of<5>)(s, first, end, from, to, back);
}
template <int kCount>
static inline void collect_kernel(const ConvolutionShape& s, int first, int end, const Floats (&parts)[kCount], float* to) {
  (s.kernel == 3 ? collect_kernel_of<3, kCount> : collect_kernel_of<5, kCount>)(s, first, end, parts, to);
}

}  // namespace MNIST_ISA
}  // namespace mnist
