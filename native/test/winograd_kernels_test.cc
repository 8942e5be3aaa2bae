// Convolutions by Winograd's algorithm, and the blocks made of them, against their plain loops in plain.h: to rounding,
// and in an image of one value to the bit.
#include <algorithm>
#include <cmath>
#include <vector>

#include "../kernels/conv_pool_tiles.h"
#include "../kernels/convolution_winograd.h"
#include "../layer_state.h"
#include "../plain.h"
#include "check.h"

namespace mnist_test {

using namespace mnist;
using namespace mnist::MNIST_ISA;

namespace {

// Part of the largest result by which any may be off.
constexpr float kTolerance = 2e-5f;

ConvolutionShape shape(ImageShape in, int kernel, int pad, int filters, int dilation = 1, int groups = 1) {
  const auto out = [&](int length) { return length + 2 * pad - (kernel - 1) * dilation; };
  return {in, kernel, 1, dilation, groups, pad, pad, out(in.height), out(in.width), filters, true};
}

// Whole and cut tiles on either axis, one tile, no border, channels and filters that fill no vector, groups, dilation.
std::vector<ConvolutionShape> list_shapes() {
  return {
      shape({14, 14, 16}, 3, 1, 33), shape({28, 28, 8}, 3, 1, 8),      shape({7, 9, 13}, 3, 1, 21),
      shape({9, 6, 19}, 5, 2, 9),    shape({4, 4, 8}, 3, 1, 8),        shape({10, 8, 16}, 3, 0, 16),
      shape({8, 7, 24}, 3, 1, 36, 1, 3), shape({8, 7, 16}, 3, 2, 16, 2), shape({9, 10, 20}, 5, 4, 22, 2, 2),
      shape({5, 6, 70}, 3, 1, 5),    shape({5, 5, 3}, 5, 2, 33),
  };
}

void check_near(const char* what, const ConvolutionShape& s, const float* given, const std::vector<float>& expected) {
  float largest = 1;
  for (const float value : expected) largest = std::max(largest, std::fabs(value));
  for (size_t at = 0; at < expected.size(); at++)
    CHECK(std::fabs(given[at] - expected[at]) <= kTolerance * largest,
          "%s, %d x %d x %d, kernel %d, %d filters, dilation %d, groups %d, %zu: %g, not %g", what, s.in.height, s.in.width,
          s.in.channels, s.kernel, s.filters, s.dilation, s.groups, at, given[at], expected[at]);
}

// Some images in a batch, what lies between and behind them not zero, so that using it shows.
struct Batch {
  Batch(const ImageShape& shape, int images, float value) : shape(shape), size(shape.size() + 3) {
    all.resize(images * size);
    std::fill_n(all.data(), images * size + kLanes, value);
  }
  void set(int image, const std::vector<float>& values) { std::copy(values.begin(), values.end(), of(image)); }
  float* of(int image) { return all.data() + image * size; }
  template <typename Float>
  TileImages<Float> images() { return {all.data(), size, shape.row()}; }
  ImageShape shape;
  size_t size;
  Floats all;
};

void test_convolution(const ConvolutionShape& s, Random& random) {
  const TilePlan plan(s);
  const int images = std::min(plan.images, 2);
  const std::vector<float> weights = random.integers(s.parameters());
  Floats own, to_points, to_points_back, d_points[2];
  own.resize(weights.size());
  std::copy(weights.begin(), weights.end(), own.data());
  to_points.resize(tile_weights_size(s));
  to_points_back.resize(tile_weights_back_size(s));
  for (Floats& part : d_points) part.resize(tile_weights_size(s));
  transform_kernel(s, 0, s.group_channels(), own.data(), to_points.data(), to_points_back.data());
  Batch in(s.in, images, 1e6f), out(s.out(), images, 7), d_out(s.out(), images, 1e6f), d_in(s.in, images, 9);
  std::vector<float> d_weights(s.parameters());
  std::vector<std::vector<float>> expected, d_expected;
  for (int image = 0; image < images; image++) {
    const std::vector<float> values = random.integers(s.in.size()), gradient = random.integers(s.out().size());
    in.set(image, values);
    d_out.set(image, gradient);
    expected.emplace_back(s.out().size());
    d_expected.emplace_back(s.in.size());
    plain::convolution(s, values.data(), weights.data(), weights.data() + s.weights(), expected.back().data());
    plain::convolution_gradients(s, values.data(), weights.data(), gradient.data(), d_weights.data(),
                                 d_weights.data() + s.weights(), d_expected.back().data());
  }
  TileScratch scratch;
  convolve_tiles(s, plan, images, in.images<const float>(), to_points.data(), own.data() + s.weights(), scratch,
                 out.images<float>());
  tile_gradients(s, plan, images, in.images<const float>(), d_out.images<const float>(), to_points_back.data(), scratch,
                 d_points[1].data(), d_in.images<float>());
  for (int image = 0; image < images; image++) {
    check_near("outputs", s, out.of(image), expected[image]);
    check_near("input gradient", s, d_in.of(image), d_expected[image]);
    CHECK(image + 1 == images || (out.of(image)[s.out().size()] == 7 && d_in.of(image)[s.in.size()] == 9), "the gaps stay");
  }
  // Channels in two pieces, as the update takes them.
  d_weights.resize(s.weights());
  std::vector<float> collected(s.weights());
  for (const int first : {0, 3}) {
    const int end = first == 0 ? 3 : s.group_channels();
    if (end <= first) continue;
    Floats piece;
    piece.resize(static_cast<size_t>(s.kernel) * s.kernel * (end - first) * s.filters);
    collect_kernel(s, first, std::min(end, s.group_channels()), d_points, piece.data());
    for (int tap = 0; tap < s.kernel * s.kernel; tap++)
      std::copy_n(piece.data() + static_cast<size_t>(tap) * (end - first) * s.filters, (end - first) * s.filters,
                  collected.begin() + (tap * s.group_channels() + first) * s.filters);
  }
  check_near("weights", s, collected.data(), d_weights);
}

// Where patches are equal, outputs are: an image of one value, with and without a spot, inside its border.
void test_equal_patches(const ConvolutionShape& s, float value, bool has_spot, Random& random) {
  const Frame frame = convolution_frame(s);
  std::vector<float> image(s.in.size(), value);
  if (has_spot) image[s.in.size() / 2] = value + 1;
  Floats framed, own, to_points, out, expected;
  framed.resize(frame.size());
  for (int y = 0; y < s.in.height; y++)
    std::copy_n(image.data() + y * s.in.row(), s.in.row(), framed.data() + frame.origin() + y * frame.row_stride());
  // Weights of any size, so that rounding differs from place to place.
  own.resize(s.parameters());
  for (int at = 0; at < s.parameters(); at++) own.data()[at] = static_cast<float>(random.below(1000)) * 1e-3f - 0.5f;
  to_points.resize(tile_weights_size(s));
  transform_kernel(s, 0, s.group_channels(), own.data(), to_points.data(), nullptr);
  out.resize(s.out().size());
  TileScratch scratch;
  PatchTies ties;
  convolve_tiles(s, TilePlan(s), 1, TileImages<const float>{framed.data() + frame.origin(), 0, frame.row_stride()},
                 to_points.data(), own.data() + s.weights(), scratch, TileImages<float>{out.data(), 0, s.out().row()});
  find_ties(frame, s.kernel, s.dilation, framed.data(), ties);
  settle_outputs(s, ties, own.data() + s.weights(), out.data(), s.out().row());
  const std::vector<float> settled(out.data(), out.data() + s.out().size());
  std::vector<float> direct(s.out().size());
  plain::convolution(s, image.data(), own.data(), own.data() + s.weights(), direct.data());
  check_near("settled", s, settled.data(), direct);
  const auto are_equal_patches = [&](int y, int x, int up, int left) {
    for (int tap = 0; tap < s.kernel * s.kernel; tap++)
      for (int channel = 0; channel < s.in.channels; channel++) {
        const float* at = framed.data() + patch_start(s, frame, y, x) + tap_offset(s, frame, tap) + channel;
        if (*at != *(at - up * frame.row_stride() - left * s.in.channels)) return false;
      }
    return true;
  };
  const auto check_equal = [&](int y, int x, int up, int left) {
    if (y < up || x < left || !are_equal_patches(y, x, up, left)) return;
    const auto* at = settled.data() + (y * s.out_width + x) * s.filters;
    CHECK(std::equal(at, at + s.filters, at - up * s.out().row() - left * s.filters), "row %d, column %d", y, x);
  };
  for (int y = 0; y < s.out_height; y++)
    for (int x = 0; x < s.out_width; x++) {
      check_equal(y, x, 1, 0);
      check_equal(y, x, 0, 1);
    }
}

void test_block(const ConvShape& s, bool is_equal, Random& random) {
  Floats in, by_filter, to_points, back, bias, sums, out;
  const ConvolutionShape whole = convolution_of(s);
  in.resize(s.padded_height() * s.row_stride());
  for (int y = 0; y < s.in_height; y++)
    for (int at = 0; at < s.in_width * s.in_channels; at++)
      in.data()[s.border() + y * s.row_stride() + at] = is_equal ? 0.75f : static_cast<float>(random.below(7) - 3);
  by_filter.resize(by_filter_size(s));
  std::vector<float> weights = random.integers(s.weights());
  for (int filter = 0; filter < s.filters; filter++)
    for (int tap = 0; tap < s.taps(); tap++)
      by_filter.data()[(filter * s.kernel + tap / s.row_taps()) * row_floats(s) + tap % s.row_taps()] =
          weights[tap * s.filters + filter];
  to_points.resize(tile_weights_size(whole));
  back.resize(tile_weights_back_size(whole));
  for (int filter = 0; filter < s.filters; filter++) transform_filter(s, filter, by_filter.data(), to_points.data(), back.data());
  bias.resize(s.filters);
  for (int filter = 0; filter < s.filters; filter++) bias.data()[filter] = static_cast<float>(random.below(7) - 3);
  sums.resize(whole.out().size());
  out.resize(s.outputs());
  std::vector<uint8_t> codes(s.outputs()), expected_codes(s.outputs());
  TileScratch scratch;
  PatchTies ties;
  convolve_tiles(whole, TilePlan(whole), 1, TileImages<const float>{in.data() + s.border(), 0, s.row_stride()},
                 to_points.data(), nullptr, scratch, TileImages<float>{sums.data(), 0, whole.out().row()});
  find_window_ties(s, in.data(), ties);
  pool_tiles(s, sums.data(), in.data(), by_filter.data(), bias.data(), &ties, out.data(), s.out_width() * s.filters,
             codes.data());
  std::vector<float> expected(s.outputs());
  plain::conv_pool(s, in.data(), weights.data(), bias.data(), expected.data(), expected_codes.data());
  check_near("block", whole, out.data(), expected);
  // The input gradient, of which the plain loop has a border.
  const std::vector<float> gradients = random.integers(s.outputs() + kLanes);
  std::vector<float> bordered(s.padded_height() * s.row_stride()), d_expected;
  expected_codes.resize(s.outputs() + kLanes);
  plain::conv_input_gradient(s, weights.data(), gradients.data(), expected_codes.data(), bordered.data());
  for (int y = 0; y < s.in_height; y++)
    d_expected.insert(d_expected.end(), bordered.begin() + s.border() + y * s.row_stride(),
                      bordered.begin() + s.border() + y * s.row_stride() + s.in_width * s.in_channels);
  Floats d_in;
  d_in.resize(d_expected.size());
  tile_input_gradient(whole, TilePlan(whole), 1, PooledGradients{gradients.data(), expected_codes.data(), 0}, back.data(),
                      scratch, TileImages<float>{d_in.data(), 0, whole.in.row()});
  check_near("block's input gradient", whole, d_in.data(), d_expected);
  // Another position may have the maximum only where the two sums are equal but for rounding.
  float largest = 1;
  for (const float value : expected) largest = std::max(largest, std::fabs(value));
  for (int at = 0; at < s.outputs(); at++) {
    const int filter = at % s.filters, cell = at / s.filters, y = cell / s.out_width(), x = cell % s.out_width();
    const auto sum_of = [&](int code) {
      if (code == kInactive) return s.bias ? -bias.data()[filter] : 0.0f;
      const float* corner = in.data() + (2 * y + code / 2) * s.row_stride() + (2 * x + code % 2) * s.in_channels;
      return plain::conv_sum(s, corner, weights.data(), filter);
    };
    CHECK(codes[at] == expected_codes[at] ||
              std::fabs(sum_of(codes[at]) - sum_of(expected_codes[at])) <= kTolerance * largest,
          "%d x %d x %d, equal %d, output %d: code %d, not %d", s.in_height, s.in_width, s.in_channels, is_equal, at,
          codes[at], expected_codes[at]);
  }
}

}  // namespace

void test_winograd_kernels() {
  Random random(9);
  for (const ConvolutionShape& s : list_shapes()) {
    test_convolution(s, random);
    test_equal_patches(s, 0, true, random);
    test_equal_patches(s, 0.3f, false, random);
    test_equal_patches(s, 0.3f, true, random);
  }
  const ConvShape blocks[] = {{14, 14, 16, 3, 1, 40, true, true}, {9, 7, 33, 5, 2, 47, true, true},
                              {8, 9, 16, 3, 0, 9, false, true},   {28, 28, 8, 3, 1, 16, true, false}};
  for (const ConvShape& s : blocks)
    for (const bool is_equal : {false, true}) test_block(s, is_equal, random);
}

}  // namespace mnist_test
