// The convolution kernels against their plain loops in plain.h.
#include <algorithm>
#include <cmath>

#include "../kernels/conv_filter_gradient.h"
#include "../kernels/conv_input_gradient.h"
#include "../kernels/conv_input_sliding.h"
#include "../kernels/conv_pixel_gradient.h"
#include "../kernels/conv_pool.h"
#include "../kernels/conv_pool_pixels.h"
#include "../kernels/conv_pool_rows.h"
#include "../kernels/conv_pool_winograd.h"
#include "../plain.h"
#include "check.h"

namespace mnist_test {

using namespace mnist;
using namespace mnist::MNIST_ISA;

namespace {

// Height, width, channels, kernel, pad, filters: those of the network cnn, then ones that fit no vector; the last two
// have no whole window, so no output.
const ConvShape kShapes[] = {
    {28, 28, 1, 5, 2, 16, true, true},  {14, 14, 16, 5, 2, 32, true, true}, {2, 2, 1, 1, 0, 1, true, true},
    {5, 4, 3, 3, 0, 5, false, true},    {7, 9, 2, 4, 1, 33, true, false},   {6, 6, 17, 3, 1, 8, true, true},
    {9, 13, 5, 7, 3, 47, true, true},   {4, 30, 1, 2, 0, 15, false, false}, {3, 3, 13, 1, 0, 31, true, true},
    {8, 8, 33, 3, 1, 64, true, true},   {10, 6, 20, 9, 4, 3, true, true},   {1, 1, 1, 1, 0, 3, true, true},
    {3, 5, 2, 3, 0, 4, true, true},      {9, 13, 1, 5, 0, 48, true, true},  {11, 6, 1, 3, 1, 16, true, false},
    {6, 11, 16, 3, 1, 20, true, true},  {9, 7, 32, 5, 2, 40, true, false},  {5, 6, 16, 5, 0, 7, true, true},
    {3, 4, 32, 3, 0, 33, true, true},
};

enum Kind { kRandom, kZero, kEqual, kSparse };

// An image with its border, and the vector past its end that kernels may read: not zero, so that using it shows.
std::vector<float> make_input(const ConvShape& s, Kind kind, Random& random) {
  const size_t size = static_cast<size_t>(s.padded_height()) * s.row_stride();
  std::vector<float> values(size, kind == kEqual ? 2.0f : 0.0f);
  if (kind == kRandom) values = random.integers(size);
  for (int count = 0; kind == kSparse && count < 3; count++) values[random.below(static_cast<int>(size))] = 1.0f;
  values.resize(size + kLanes, 1e6f);
  return values;
}

// Gradients of the outputs, with the vector past their end.
std::vector<float> make_gradients(const ConvShape& s, Random& random) {
  std::vector<float> values = random.integers(s.outputs());
  values.resize(s.outputs() + kLanes, 1e6f);
  return values;
}

// [taps][filters] into [filter][kernel row][row_floats]; what lies between keeps its value.
void to_filter_layout(const ConvShape& s, const std::vector<float>& from, std::vector<float>& to) {
  for (int filter = 0; filter < s.filters; filter++)
    for (int tap = 0; tap < s.taps(); tap++)
      to[(filter * s.kernel + tap / s.row_taps()) * row_floats(s) + tap % s.row_taps()] = from[tap * s.filters + filter];
}

// The plain loop's outputs, their rows `row` floats apart, with 7 in the gaps.
std::vector<float> plain_outputs(const ConvShape& s, const std::vector<float>& in, const std::vector<float>& weights,
                                 const std::vector<float>& bias, int row, std::vector<uint8_t>& codes) {
  std::vector<float> out(s.outputs()), spread(s.out_height() * row, 7.0f);
  plain::conv_pool(s, in.data(), weights.data(), bias.data(), out.data(), codes.data());
  const int width = s.out_width() * s.filters;
  for (int y = 0; y < s.out_height(); y++) std::copy_n(out.data() + y * width, width, spread.data() + y * row);
  return spread;
}

void test_forward(const ConvShape& s, Kind kind, Random& random) {
  const std::vector<float> in = make_input(s, kind, random), bias = random.integers(s.filters);
  const std::vector<float> weights = random.integers(s.weights());
  std::vector<float> by_filter(by_filter_size(s)), packed(packed_conv_size(s));
  to_filter_layout(s, weights, by_filter);
  for (int filter = 0; filter < s.filters; filter++) pack_filter(s, filter, by_filter.data(), packed.data());
  // Rows with a gap between them, which must stay as it is.
  const int row = s.out_width() * s.filters + 3, size = s.out_height() * row;
  std::vector<float> out(size, 7.0f);
  std::vector<uint8_t> expected_codes(s.outputs(), 9), codes(s.outputs(), 9);
  const std::vector<float> expected = plain_outputs(s, in, weights, bias, row, expected_codes);
  Ink ink;
  conv_pool(s, in.data(), packed.data(), bias.data(), ink, out.data(), row, codes.data());
  const auto check = [&](const char* name) {
    CHECK(out == expected, "%s: %d x %d x %d, %d filters, input %d", name, s.in_height, s.in_width, s.in_channels,
          s.filters, kind);
    CHECK(codes == expected_codes, "%s: %d x %d x %d, %d filters, input %d", name, s.in_height, s.in_width,
          s.in_channels, s.filters, kind);
  };
  check("conv_pool");
  if (s.cells() > 0) {
    std::vector<float> panels(panels_size(s.taps(), s.filters)), ended = bias;
    ended.resize(bias.size() + kLanes, 1e6f);
    for (int filter = 0; filter < s.filters; filter++) pack_filter_panel(s, filter, by_filter.data(), panels.data());
    Floats rows;
    out.assign(size, 7.0f);
    codes.assign(s.outputs(), 9);
    conv_pool_rows(s, rows_sums(s), in.data(), panels.data(), ended.data(), rows, out.data(), row, codes.data());
    check("conv_pool_rows");
  }
  if (!fits_pixels(s)) return;
  out.assign(size, 7.0f);
  codes.assign(s.outputs(), 9);
  conv_pool_pixels(s, in.data(), packed.data(), bias.data(), ink, out.data(), row, codes.data());
  check("conv_pool_pixels");
}

// Shapes for Winograd: that of cnn, tiles of four and of six on either axis, odd sizes that leave a row over, no
// padding, filters that fill no block, several bands, more tiles in a row than one group has.
const ConvShape kWinogradShapes[] = {
    {14, 14, 16, 5, 2, 32, true, true}, {9, 13, 32, 5, 2, 47, true, true},  {8, 9, 16, 5, 0, 5, false, true},
    {6, 60, 16, 5, 2, 33, true, false}, {30, 4, 48, 5, 2, 1, true, true},   {16, 28, 16, 5, 2, 16, true, true},
    {6, 6, 16, 5, 2, 3, true, true},    {11, 58, 16, 5, 2, 20, true, true},
};

// Sums to rounding; where each maximum was, too, unless the reference's two sums are as near to each other as rounding
// is. To train, in an image of one value all patches are equal, so there the first wins.
template <int kLarge>
void test_winograd(const ConvShape& s, Kind kind, Random& random) {
  const std::vector<float> in = make_input(s, kind, random), bias = random.integers(s.filters);
  const std::vector<float> weights = random.integers(s.weights());
  std::vector<float> by_filter(by_filter_size(s)), points(winograd_weights_size<kLarge>(s));
  to_filter_layout(s, weights, by_filter);
  for (int filter = 0; filter < s.filters; filter += kLanes)
    transform_weights<kLarge>(s, filter, by_filter.data(), points.data());
  const int row = s.out_width() * s.filters + 3, size = s.out_height() * row;
  std::vector<float> out(size, 7.0f);
  std::vector<uint8_t> expected_codes(s.outputs(), 9), codes(s.outputs(), 9);
  const std::vector<float> expected = plain_outputs(s, in, weights, bias, row, expected_codes);
  WinogradScratch scratch;
  conv_pool_winograd<kLarge>(s, in.data(), points.data(), by_filter.data(), bias.data(), scratch, out.data(), row,
                             codes.data());
  float largest = 1;
  for (const float value : expected) largest = std::max(largest, std::abs(value));
  const float tolerance = 2e-5f * largest;
  const bool has_many = kind == kRandom || kind == kSparse || kLarge == kToPredict;
  for (int at = 0; at < size; at++)
    CHECK(std::abs(out[at] - expected[at]) <= tolerance, "%d x %d x %d, tiles of %d, input %d: %g, expected %g", s.in_height,
          s.in_width, s.in_channels, kLarge, kind, out[at], expected[at]);
  for (int at = 0; at < s.outputs(); at++) {
    if (codes[at] == expected_codes[at]) continue;
    const int filter = at % s.filters, cell = at / s.filters, y = cell / s.out_width(), x = cell % s.out_width();
    const auto sum_of = [&](int code) {
      if (code == kInactive) return s.bias ? -bias[filter] : 0.0f;
      const float* corner = in.data() + (2 * y + code / 2) * s.row_stride() + (2 * x + code % 2) * s.in_channels;
      return plain::conv_sum(s, corner, weights.data(), filter);
    };
    const bool may_differ = has_many || codes[at] == 0 || codes[at] == kInactive;
    CHECK(may_differ && std::abs(sum_of(codes[at]) - sum_of(expected_codes[at])) <= tolerance,
          "%d x %d x %d, tiles of %d, input %d: code %d, expected %d", s.in_height, s.in_width, s.in_channels, kLarge, kind,
          codes[at], expected_codes[at]);
  }
}

std::vector<uint8_t> make_codes(const ConvShape& s, int share_of_active, Random& random) {
  std::vector<uint8_t> codes(s.outputs());
  for (uint8_t& code : codes)
    code = random.below(100) < share_of_active ? static_cast<uint8_t>(random.below(4)) : kInactive;
  codes.resize(s.outputs() + kLanes, 1);  // the vector past their end, all active
  return codes;
}

void test_filter_gradient(const ConvShape& s, Kind kind, int active, Random& random) {
  const std::vector<float> in = make_input(s, kind, random), d_out = make_gradients(s, random);
  const std::vector<uint8_t> codes = make_codes(s, active, random);
  std::vector<float> expected = random.integers(s.weights()), expected_bias = random.integers(s.filters);
  std::vector<float> gradient(by_filter_size(s)), bias = expected_bias;
  bias.resize(s.filters + kLanes);
  to_filter_layout(s, expected, gradient);
  std::vector<float> by_pixels = gradient, expected_by_pixels = gradient;
  ActiveCells active_cells;
  active_cells.list(s, d_out.data(), codes.data());
  plain::conv_filter_gradient(s, in.data(), d_out.data(), codes.data(), expected.data(), expected_bias.data());
  Ink ink;
  if (fits_pixel_gradient(s)) conv_pixel_gradient(s, in.data(), d_out.data(), codes.data(), ink, by_pixels.data());
  conv_filter_gradient(s, in.data(), active_cells, gradient.data());
  add_bias_gradients(s, d_out.data(), codes.data(), bias.data());
  bias.resize(s.filters);
  to_filter_layout(s, expected, expected_by_pixels);
  // What a kernel row's last vector holds beyond the row is anything.
  std::vector<float> expected_by_filter = gradient;
  to_filter_layout(s, expected, expected_by_filter);
  CHECK(gradient == expected_by_filter, "%d filters of %d x %d, %d %% active", s.filters, s.kernel, s.row_taps(), active);
  CHECK(bias == expected_bias, "%d filters, %d %% active", s.filters, active);
  if (!fits_pixel_gradient(s)) return;
  CHECK(by_pixels == expected_by_pixels, "%d filters of %d x %d by pixels, %d %% active",
        s.filters, s.kernel, s.row_taps(), active);
}

void test_input_gradient(const ConvShape& s, int active, Random& random) {
  const std::vector<float> weights = random.integers(s.weights()), d_out = make_gradients(s, random);
  const std::vector<uint8_t> codes = make_codes(s, active, random);
  std::vector<float> by_filter(by_filter_size(s));
  to_filter_layout(s, weights, by_filter);
  std::vector<float> expected = make_input(s, kRandom, random);
  expected.resize(expected.size() + s.kernel * s.in_channels, 1e6f);  // what may be touched, unchanged
  std::vector<float> gradient = expected, by_sliding = expected;
  ActiveCells active_cells;
  active_cells.list(s, d_out.data(), codes.data());
  plain::conv_input_gradient(s, weights.data(), d_out.data(), codes.data(), expected.data());
  conv_input_gradient(s, by_filter.data(), active_cells, gradient.data());
  CHECK(gradient == expected, "%d filters of %d x %d, %d %% active", s.filters, s.kernel, s.row_taps(), active);
  if (!fits_sliding(s)) return;
  std::vector<uint32_t> filters;
  conv_input_sliding(s, by_filter.data(), d_out.data(), codes.data(), filters, by_sliding.data());
  CHECK(by_sliding == expected, "%d filters of %d x %d by sliding, %d %% active", s.filters, s.kernel, s.row_taps(), active);
}

}  // namespace

void test_conv_kernels() {
  Random random(1);
  for (const ConvShape& shape : kShapes) {
    for (const Kind kind : {kRandom, kZero, kEqual, kSparse}) {
      test_forward(shape, kind, random);
      for (const int active : {0, 7, 50, 100}) test_filter_gradient(shape, kind, active, random);
    }
    for (const int active : {0, 7, 50, 100}) test_input_gradient(shape, active, random);
  }
  for (const ConvShape& shape : kWinogradShapes)
    for (const Kind kind : {kRandom, kZero, kEqual, kSparse}) {
      test_winograd<kToTrain>(shape, kind, random);
      test_winograd<kToPredict>(shape, kind, random);
    }
}

}  // namespace mnist_test
