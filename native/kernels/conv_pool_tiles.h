// Computes plain::conv_pool in two passes, to rounding: the convolution by Winograd's algorithm as any convolution has it
// (convolution_winograd.h), for some images together, then the pool. For blocks that conv_pool_winograd.h does not know.
// And plain::conv_input_gradient, where that is faster than to go through active cells alone: with 5 x 5 kernels and AVX2.
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

static inline bool fits_pool_tiles(const ConvShape& s) { return fits_tiles(convolution_of(s)); }
static inline bool fits_tile_gradient(const ConvShape& s) { return kLanes == 8 && s.kernel == 5 && fits_pool_tiles(s); }

// One filter out of [filter][kernel row][row_floats] to U and to U', but where that is nullptr.
template <int kKernel>
static void transform_filter_of(const ConvShape& s, int filter, const float* by_filter, float* to, float* back) {
  const size_t row = tile_row(s.filters), back_row = tile_row(s.in_channels);
  const float* weights = by_filter + filter * filter_floats(s);
  for (int channel = 0; channel < s.in_channels; channel += kLanes) {
    const auto load_tap = [&](int y, int x) { return load(weights + y * row_floats(s) + x * s.in_channels + channel); };
    transform_taps<kKernel>(load_tap, [&](int point, Vector values) {
      if (back != nullptr) store(back + (point * s.filters + filter) * back_row + channel, values);
      for (int lane = 0; to != nullptr && lane < kLanes && lane < s.in_channels - channel; lane++)
        to[(point * s.in_channels + channel + lane) * row + filter] = values[lane];
    });
  }
}
static inline void transform_filter(const ConvShape& s, int filter, const float* by_filter, float* to, float* back) {
  (s.kernel == 3 ? transform_filter_of<3> : transform_filter_of<5>)(s, filter, by_filter, to, back);
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

// What comes back to a block, for some images: gradients of its cells, and where their maxima were.
struct PooledGradients {
  const float* gradients;
  const uint8_t* codes;
  size_t size;  // of an image, of both
};

// The input gradient of at most plan.images images, without border; `s` is convolution_of(block).
template <int kKernel>
static void tile_input_gradient_of(const ConvolutionShape& s, const TilePlan& plan, int images, PooledGradients d_out,
                                   const float* weights_back, TileScratch& scratch, TileImages<float> d_in) {
  reserve_tiles(s, plan, scratch);
  const int tiles = images * plan.tiles, in_row = tile_row(s.in.channels), out_row = tile_row(s.filters);
  const size_t in_stride = point_stride(tiles, s.in.channels), out_stride = point_stride(tiles, s.filters);
  for (int image = 0; image < images; image++) {
    const auto load_tile = [&](const TileCorner& corner, int filter, Vector (&values)[kTile][kTile]) {
      const size_t first = image * d_out.size + (corner.top / 2 * (s.out_width / 2) + corner.left / 2) * s.filters + filter;
#pragma GCC unroll 2
      for (int x = 0; x < kTile; x += 2)
#pragma GCC unroll 2
        for (int y = 0; y < kTile; y += 2) {
          const bool is_there = x < corner.width && y < corner.height;
          const size_t at = first + (is_there ? (y / 2 * (s.out_width / 2) + x / 2) * s.filters : 0);
          const Vector gradient = is_there ? load(d_out.gradients + at) : Vector{};
          const Mask code = load_bytes(d_out.codes + at);
#pragma GCC unroll 4
          for (int position = 0; position < 4; position++)
            values[x + position % 2][y + position / 2] = code == Mask{} + position ? gradient : Vector{};
        }
    };
    spread_outputs<kKernel>(s, plan.grids, load_tile,
                            scratch.outputs.data() + static_cast<size_t>(image) * plan.tiles * out_row, out_stride);
  }
  for (int point = 0; point < all_points(s); point++)
    matmul(tiles, s.filters, s.in.channels, scratch.outputs.data() + point * out_stride, {out_row, 1},
           weights_back + static_cast<size_t>(point) * s.filters * in_row, in_row, scratch.inputs.data() + point * in_stride,
           in_row);
  for (int image = 0; image < images; image++) {
    std::fill_n(d_in.of(image), s.in.size(), 0.0f);
    collect_tiles<kKernel>(s, plan.grids, scratch.inputs.data() + static_cast<size_t>(image) * plan.tiles * in_row,
                           in_stride, scratch, d_in.of(image));
  }
}
template <typename... Arguments>
static inline void tile_input_gradient(const ConvolutionShape& s, Arguments&&... arguments) {
  (s.kernel == 3 ? tile_input_gradient_of<3> : tile_input_gradient_of<5>)(s, arguments...);
}

}  // namespace MNIST_ISA
}  // namespace mnist
