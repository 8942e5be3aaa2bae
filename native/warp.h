// Training images as the network sees them with --augment: as warpImage of src/augment/warp.ts, from the same random
// numbers, in single precision, so that a pixel may differ by one.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "counter.h"
#include "plan.h"

namespace mnist {
namespace plain {

constexpr int kWarpSide = 28, kWarpNodes = 6;  // of the elastic grid, along each axis
constexpr int kWarpNumbers = 128;              // random numbers that each image has
constexpr int kSplineNodes = 4;
// With two pixels of paper on each side: all places beyond the image are taken for the outermost ones.
constexpr int kWarpBorder = 2, kWarpRow = kWarpSide + 2 * kWarpBorder;

// The Catmull-Rom spline through the nodes: for each pixel along an axis the first of its four nodes, which may lie
// before the first there is, and their weights.
struct WarpSpline {
  int32_t first[kWarpRow];
  float weights[kSplineNodes][kWarpRow];
};

// Nodes go on at both ends.
static inline int node_at(int node) { return std::min(std::max(node, 0), kWarpNodes - 1); }

static inline WarpSpline create_spline() {
  WarpSpline spline = {};
  for (int pixel = 0; pixel < kWarpSide; pixel++) {
    const double position = (pixel + 0.5) / kWarpSide * (kWarpNodes - 1);
    const int first = static_cast<int>(position);
    const double t = position - first;
    const double weights[] = {(-t + 2 * t * t - t * t * t) / 2, (2 - 5 * t * t + 3 * t * t * t) / 2,
                              (t + 4 * t * t - 3 * t * t * t) / 2, (-t * t + t * t * t) / 2};
    spline.first[pixel] = first - 1;
    for (int at = 0; at < kSplineNodes; at++) spline.weights[at][pixel] = static_cast<float>(weights[at]);
  }
  return spline;
}

// The nodes of each row of the grid, blended to its 28 columns.
struct SpreadNodes {
  float rows[kWarpNodes][kWarpRow];
};

static inline SpreadNodes spread_nodes(const WarpSpline& spline, const float* nodes) {
  SpreadNodes spread;
  for (int row = 0; row < kWarpNodes; row++) {
    for (int column = 0; column < kWarpRow; column++) {
      spread.rows[row][column] = 0;
      for (int at = 0; at < kSplineNodes; at++)
        spread.rows[row][column] += spline.weights[at][column] * nodes[row * kWarpNodes + node_at(spline.first[column] + at)];
    }
  }
  return spread;
}

// How far a row's pixels move, [32].
static inline void bend_row(const WarpSpline& spline, const SpreadNodes& spread, int row, float* bent) {
  const float* rows[kSplineNodes];
  for (int at = 0; at < kSplineNodes; at++) rows[at] = spread.rows[node_at(spline.first[row] + at)];
  for (int column = 0; column < kWarpRow; column++)
    bent[column] = spline.weights[0][row] * rows[0][column] + spline.weights[1][row] * rows[1][column] +
                   spline.weights[2][row] * rows[2][column] + spline.weights[3][row] * rows[3][column];
}

// image [28][28] -> warped [28][28], by the numbers of the image `index` under `key`.
static inline void warp_image(const Warp& warp, uint32_t key, int index, const uint8_t* image, uint8_t* warped) {
  static const WarpSpline spline = create_spline();
  uint32_t counter = static_cast<uint32_t>(index) * kWarpNumbers;
  const auto within = [&](float limit) {
    return limit * (2 * static_cast<float>(counter_random(key, counter++) >> 8) * 0x1p-24f - 1);
  };
  const float angle = within(warp.rotation * static_cast<float>(M_PI / 180)), size = 1 + within(warp.scale);
  const float aspect = 1 + within(warp.scale / 2), shear = within(warp.shear);
  const float shift_x = within(warp.shift), shift_y = within(warp.shift);
  const float cosine = std::cos(angle) / size, sine = std::sin(angle) / size;
  float nodes_x[kWarpNodes * kWarpNodes], nodes_y[kWarpNodes * kWarpNodes];
  const float spread = warp.elastic * std::sqrt(3.0f);
  for (int node = 0; node < kWarpNodes * kWarpNodes; node++) {
    nodes_x[node] = within(spread);
    nodes_y[node] = within(spread);
  }

  const SpreadNodes spread_x = spread_nodes(spline, nodes_x), spread_y = spread_nodes(spline, nodes_y);

  // For each place, the bytes of four pixels: it, the one on its right, and the two below them.
  uint8_t bordered[(kWarpRow + 1) * kWarpRow + 1] = {};
  for (int row = 0; row < kWarpSide; row++)
    std::memcpy(bordered + (row + kWarpBorder) * kWarpRow + kWarpBorder, image + row * kWarpSide, kWarpSide);
  uint32_t fours[kWarpRow * kWarpRow];
  for (int at = 0; at < kWarpRow * kWarpRow; at++) {
    const uint8_t* below = bordered + at + kWarpRow;
    fours[at] = bordered[at] | static_cast<uint32_t>(bordered[at + 1]) << 8 | static_cast<uint32_t>(below[0]) << 16 |
                static_cast<uint32_t>(below[1]) << 24;
  }

  const float middle = kWarpSide / 2, start = middle + kWarpBorder - 0.5f;
  const int32_t last = kWarpRow - 2;
  for (int row = 0; row < kWarpSide; row++) {
    float bent_x[kWarpRow], bent_y[kWarpRow];
    bend_row(spline, spread_x, row, bent_x);
    bend_row(spline, spread_y, row, bent_y);
    const float y = static_cast<float>(row) + 0.5f - middle - shift_y;
    uint8_t pixels[kWarpRow];
    for (int column = 0; column < kWarpRow; column++) {
      const float x = static_cast<float>(column) + 0.5f - middle - shift_x;
      // Where the pixel comes from, counted from the border.
      const float from_x = (cosine * x + sine * y) * aspect + shear * y + start + bent_x[column];
      const float from_y = (cosine * y - sine * x) / aspect + start + bent_y[column];
      const int32_t whole_x = static_cast<int32_t>(from_x), whole_y = static_cast<int32_t>(from_y);
      const int32_t place_x = std::min(std::max(whole_x, 0), last), place_y = std::min(std::max(whole_y, 0), last);
      const float part_x = from_x - static_cast<float>(whole_x), part_y = from_y - static_cast<float>(whole_y);
      const int32_t four = static_cast<int32_t>(fours[place_y * kWarpRow + place_x]);
      const float left = static_cast<float>(four & 255), right = static_cast<float>(four >> 8 & 255);
      const float low_left = static_cast<float>(four >> 16 & 255), low_right = static_cast<float>(four >> 24 & 255);
      const float upper = left + part_x * (right - left), lower = low_left + part_x * (low_right - low_left);
      pixels[column] = static_cast<uint8_t>(static_cast<int32_t>(upper + part_y * (lower - upper) + 0.5f));
    }
    std::memcpy(warped + row * kWarpSide, pixels, kWarpSide);
  }
}

}  // namespace plain
}  // namespace mnist
