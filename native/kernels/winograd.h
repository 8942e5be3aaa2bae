// Winograd's transforms, along one axis: the outputs of a convolution from a tile of them and the inputs they meet, with
// one product a point instead of one for each tap of each output (Lavin and Gray, "Fast algorithms for convolutional
// neural networks", 2016). `m` outputs of a kernel of `k` taps meet m + k - 1 inputs and have as many points. Inputs and
// weights are taken to their values at the points, as polynomials are; the products there are taken back to outputs.
// Backward each transform runs the other way around: the gradient of the outputs to the points, the products there back
// to inputs, and the sums of the other products back to weights. The points were chosen for small rounding.
#pragma once

#include <algorithm>
#include <array>

#include "shapes.h"
#include "vector.h"

namespace mnist {
namespace MNIST_ISA {

constexpr int kTileKernel = 5;  // of blocks, conv_pool_winograd.h

// The size of a block's large tiles, which says what points there are. The smaller ones, two outputs less, have the same
// but for the last pair, so that one set of transformed weights serves both. Larger tiles have fewer products an output
// and round more coarsely. Root mean square error of the outputs, cnn's second block: 0.2e-6 by the direct sum, 1.3e-6 to
// train, 4.6e-6 to predict. A convolution of 3 x 3 has the points of a small tile of 4 x 4: 0.9e-6 of the outputs' size
// where the direct sum has 0.3e-6.
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

// Inputs to their values at as many points.
template <int kLarge, int kPoints>
static inline __attribute__((always_inline)) void transform_input(const Vector (&in)[kPoints], Vector (&to)[kPoints]) {
  constexpr int kPairs = kPoints / 2 - 1;
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

// The other way around: what the points are worth to the inputs.
template <int kLarge, int kPoints>
static inline __attribute__((always_inline)) void collect_input(const Vector (&in)[kPoints], Vector (&to)[kPoints]) {
  constexpr int kPairs = kPoints / 2 - 1;
  constexpr InputFactors<kPairs> factors = input_factors<kLarge, kPairs>();
  Vector sums[kPairs], rests[kPairs];
#pragma GCC unroll 8
  for (int pair = 0; pair < kPairs; pair++) {
    sums[pair] = in[2 * pair + 2] + in[2 * pair + 3];
    rests[pair] = in[2 * pair + 2] - in[2 * pair + 3];
  }
  to[0] = in[0];
  to[kPoints - 1] = in[1];
#pragma GCC unroll 8
  for (int at = 0; at < kPairs; at++) {
    Vector even = in[0] * factors.zero[at + 1], odd = in[1] * factors.infinity[at];
#pragma GCC unroll 8
    for (int pair = 0; pair < kPairs; pair++) {
      even += sums[pair] * factors.even[pair][at];
      odd += rests[pair] * factors.odd[pair][at];
    }
    to[2 * at + 2] = even;
    to[2 * at + 1] = odd;
  }
}

template <int kLarge>
constexpr float point_power(int pair, int power) {
  double value = 1;
  for (; power > 0; power--) value *= kTilePoints<kLarge>[pair];
  return static_cast<float>(value);
}

// Weights, or the gradient of outputs, to their values at the points: those of a polynomial with these coefficients.
template <int kLarge, int kCount, int kPoints>
static inline __attribute__((always_inline)) void evaluate(const Vector (&in)[kCount], Vector (&to)[kPoints]) {
  to[0] = in[0];
  to[1] = in[kCount - 1];
#pragma GCC unroll 8
  for (int pair = 0; pair < kPoints / 2 - 1; pair++) {
    Vector even = in[0], odd = in[1] * point_power<kLarge>(pair, 1);
#pragma GCC unroll 8
    for (int power = 2; power < kCount; power++)
      (power % 2 == 0 ? even : odd) += in[power] * point_power<kLarge>(pair, power);
    to[2 * pair + 2] = even + odd;
    to[2 * pair + 3] = even - odd;
  }
}

// The other way around: products at the points to outputs, or to the gradient of weights.
template <int kLarge, int kCount, int kPoints>
static inline __attribute__((always_inline)) void collect(const Vector (&in)[kPoints], Vector (&to)[kCount]) {
  constexpr int kPairs = kPoints / 2 - 1;
  Vector sums[kPairs], rests[kPairs];
#pragma GCC unroll 8
  for (int pair = 0; pair < kPairs; pair++) {
    sums[pair] = in[2 * pair + 2] + in[2 * pair + 3];
    rests[pair] = in[2 * pair + 2] - in[2 * pair + 3];
  }
#pragma GCC unroll 8
  for (int power = 0; power < kCount; power++) {
    const Vector(&terms)[kPairs] = power % 2 == 0 ? sums : rests;
    Vector total = terms[0] * point_power<kLarge>(0, power);
#pragma GCC unroll 8
    for (int pair = 1; pair < kPairs; pair++) total += terms[pair] * point_power<kLarge>(pair, power);
    to[power] = power == 0 ? total + in[0] : power == kCount - 1 ? total + in[1] : total;
  }
}

// How the outputs of one axis of a block, two for each cell, are cut into tiles: large ones, then small ones, which have two less.
// To train they are as large as can be; to predict all are small, but for a large one where two outputs would be left
// over.
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

// Points that the same tiles have: those that all share, then those that only tiles large down have, large across, and
// both.
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
