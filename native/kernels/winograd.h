// Winograd's transforms F(m x n, 5 x 5), m and n 2, 4 or 6: the outputs of a 5 x 5 convolution from a tile of m + 4
// times n + 4 inputs with one product a point, instead of 25 an output (Lavin and Gray, "Fast algorithms for
// convolutional neural networks", 2016). An image's tiles have two sizes, kLarge and two less; the smaller one's points
// are among the larger one's, so that one set of transformed weights serves both. The points were chosen for small
// rounding.
#pragma once

#include <algorithm>
#include <array>

#include "shapes.h"
#include "vector.h"

namespace mnist {
namespace MNIST_ISA {

constexpr int kTileKernel = 5;

// Larger tiles have fewer products an output and round more coarsely. Root mean square error of the outputs', cnn's second
// block: 0.2e-6 by the direct sum, 1.3e-6 to train, 4.6e-6 to predict.
constexpr int kToTrain = 4, kToPredict = 6;

// The points beside 0 and infinity, each with both signs; the smaller tiles do without the last.
template <int kLarge>
inline constexpr double kTilePoints[kLarge / 2 + 1] = {0.5, 2, 1};
template <>
inline constexpr double kTilePoints<kToPredict>[kToPredict / 2 + 1] = {0.5, 0.8, 2.5, 1.25};

template <int kLarge>
constexpr double point_square(int pair) {
  return kTilePoints<kLarge>[pair] * kTilePoints<kLarge>[pair];
}

// Coefficients, the constant first, of the product of (x - square) over all pairs but one; over all where that is -1.
template <int kLarge, int kPairs>
constexpr std::array<double, kPairs + 1> point_polynomial(int left_out) {
  std::array<double, kPairs + 1> factors{1};
  for (int pair = 0, degree = 0; pair < kPairs; pair++) {
    if (pair == left_out) continue;
    degree++;
    for (int power = degree; power > 0; power--)
      factors[power] = factors[power - 1] - point_square<kLarge>(pair) * factors[power];
    factors[0] *= -point_square<kLarge>(pair);
  }
  return factors;
}

// What inputs are multiplied with: for the points 0 and infinity, and for the even and odd half of each pair of points.
template <int kPairs>
struct InputFactors {
  float zero[kPairs + 1], infinity[kPairs + 1], even[kPairs][kPairs], odd[kPairs][kPairs];
};

template <int kLarge, int kPairs>
constexpr InputFactors<kPairs> input_factors() {
  InputFactors<kPairs> factors{};
  const auto all = point_polynomial<kLarge, kPairs>(-1);
  for (int at = 0; at <= kPairs; at++) {
    factors.zero[at] = static_cast<float>(all[at] / all[0]);
    factors.infinity[at] = static_cast<float>(all[at]);
  }
  for (int pair = 0; pair < kPairs; pair++) {
    const auto others = point_polynomial<kLarge, kPairs>(pair);
    double scale = 2 * point_square<kLarge>(pair);
    for (int other = 0; other < kPairs; other++)
      if (other != pair) scale *= point_square<kLarge>(pair) - point_square<kLarge>(other);
    for (int at = 0; at < kPairs; at++) {
      factors.even[pair][at] = static_cast<float>(others[at] / scale);
      factors.odd[pair][at] = static_cast<float>(kTilePoints<kLarge>[pair] * others[at] / scale);
    }
  }
  return factors;
}

// The points' order is 0, infinity, then each pair, the positive one first.

// Along one axis: the inputs of kOut outputs to their values at as many points.
template <int kLarge, int kOut>
static inline __attribute__((always_inline)) void transform_input(const Vector (&in)[kOut + kTileKernel - 1],
                                                                  Vector (&to)[kOut + kTileKernel - 1]) {
  constexpr int kPairs = kOut / 2 + 1;
  constexpr InputFactors<kPairs> factors = input_factors<kLarge, kPairs>();
  to[0] = in[0];
  to[1] = in[2 * kPairs + 1];
#pragma GCC unroll 8
  for (int at = 0; at < kPairs; at++) {
    to[0] += in[2 * at + 2] * factors.zero[at + 1];
    to[1] += in[2 * at + 1] * factors.infinity[at];
  }
#pragma GCC unroll 8
  for (int pair = 0; pair < kPairs; pair++) {
    Vector even = in[2] * factors.even[pair][0], odd = in[1] * factors.odd[pair][0];
#pragma GCC unroll 8
    for (int at = 1; at < kPairs; at++) {
      even += in[2 * at + 2] * factors.even[pair][at];
      odd += in[2 * at + 1] * factors.odd[pair][at];
    }
    to[2 * pair + 2] = even + odd;
    to[2 * pair + 3] = even - odd;
  }
}

// Along one axis: five weights to their values at all points.
template <int kLarge>
static inline __attribute__((always_inline)) void transform_filter(const Vector (&in)[kTileKernel],
                                                                   Vector (&to)[kLarge + kTileKernel - 1]) {
  to[0] = in[0];
  to[1] = in[4];
#pragma GCC unroll 8
  for (int pair = 0; pair <= kLarge / 2; pair++) {
    const float square = static_cast<float>(point_square<kLarge>(pair)), point = static_cast<float>(kTilePoints<kLarge>[pair]);
    const Vector even = in[0] + (in[2] + in[4] * square) * square, odd = (in[1] + in[3] * square) * point;
    to[2 * pair + 2] = even + odd;
    to[2 * pair + 3] = even - odd;
  }
}

template <int kLarge>
constexpr float point_power(int pair, int power) {
  double value = 1;
  for (; power > 0; power--) value *= kTilePoints<kLarge>[pair];
  return static_cast<float>(value);
}

// Along one axis: products at the points to kOut outputs.
template <int kLarge, int kOut>
static inline __attribute__((always_inline)) void transform_output(const Vector (&in)[kOut + kTileKernel - 1],
                                                                   Vector (&to)[kOut]) {
  constexpr int kPairs = kOut / 2 + 1;
  Vector sums[kPairs], rests[kPairs];
#pragma GCC unroll 8
  for (int pair = 0; pair < kPairs; pair++) {
    sums[pair] = in[2 * pair + 2] + in[2 * pair + 3];
    rests[pair] = in[2 * pair + 2] - in[2 * pair + 3];
  }
#pragma GCC unroll 8
  for (int power = 0; power < kOut; power++) {
    const Vector(&terms)[kPairs] = power % 2 == 0 ? sums : rests;
    Vector total = terms[0] * point_power<kLarge>(0, power);
#pragma GCC unroll 8
    for (int pair = 1; pair < kPairs; pair++) total += terms[pair] * point_power<kLarge>(pair, power);
    to[power] = power == 0 ? total + in[0] : power == kOut - 1 ? total + in[1] : total;
  }
}

// How the outputs of one axis, two for each cell, are cut into tiles: large ones, then small ones, which have two less. To
// train they are as large as can be; to predict all are small, but for a large one where two outputs would be left over.
template <int kLarge>
struct TileAxis {
  explicit TileAxis(int cells)
      : outputs(2 * cells), large(kLarge == kToTrain ? cells / 2 : cells % 2),
        count(kLarge == kToTrain ? cells / 2 + cells % 2 : cells / 2) {}
  int outputs, large, count;

  bool is_large(int tile) const { return tile < large; }
  int start_of(int tile) const { return tile * (kLarge - 2) + 2 * std::min(tile, large); }
  int inputs() const { return outputs + kTileKernel - 1; }
};

// Points that the same tiles have: those that all share, then those that only tiles large down have, large across, and both.
constexpr int kRegions = 4;

template <int kLarge>
struct Points {
  static constexpr int kShared = kLarge - 2 + kTileKernel - 1, kAll = kShared + 2;
  static constexpr int region_of(int y, int x) { return (y >= kShared) + 2 * (x >= kShared); }
  static constexpr int place_in_region(int y, int x) { return y % kShared * (x >= kShared ? 2 : kShared) + x % kShared; }
  static constexpr int count_of(int region) { return (region & 1 ? 2 : kShared) * (region & 2 ? 2 : kShared); }
};

// Where a region's points begin among a block's: those that no tile has take no memory.
template <int kLarge>
static inline std::array<int, kRegions + 1> region_starts(const ConvShape& s) {
  const bool has_down = TileAxis<kLarge>(s.out_height()).large > 0, has_across = TileAxis<kLarge>(s.out_width()).large > 0;
  const bool is_there[kRegions] = {true, has_down, has_across, has_down && has_across};
  std::array<int, kRegions + 1> starts{};
  for (int region = 0; region < kRegions; region++)
    starts[region + 1] = starts[region] + is_there[region] * Points<kLarge>::count_of(region);
  return starts;
}

}  // namespace MNIST_ISA
}  // namespace mnist
