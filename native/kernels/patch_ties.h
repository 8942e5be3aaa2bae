// Where neighboring patches of an image are equal bit by bit, as in its empty parts. The sums there are equal as well, and
// plain::conv_pool gives the maximum to the first of them; Winograd's algorithm, whose rounding differs from place to
// place, has to be told where that is.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "shapes.h"
#include "vector.h"

namespace mnist {
namespace MNIST_ISA {

constexpr int kMostTieColumns = 64;  // bits of a row

// Equal patches side by side, [first, end) of a row.
struct PatchRun {
  int number, row, first, end;
  bool is_blank;
};

// Bit x of row y speaks of the patch of the output at (y, x) before pooling.
struct PatchTies {
  std::vector<uint64_t> blank;  // all zeros
  std::vector<uint64_t> right;  // the same as the patch one pixel to the right
  std::vector<uint64_t> below;  // the same as the patch one pixel down
  std::vector<uint64_t> windows;  // of a block, bit 2x of row y: whether any of these holds inside the window of cell (y, x)

  // All patches of an image in runs; one that equals the run above it has the same first run.
  std::vector<PatchRun> runs;
  std::vector<int> parents;  // of each run, an earlier one that equals it or itself

  int first_of(int run) const {
    while (parents[run] != run) run = parents[run];
    return run;
  }

  void find_runs(int height, int width) {
    runs.clear();
    parents.clear();
    for (int y = 0, above = 0, own = 0; y < height; y++, above = own) {
      own = static_cast<int>(runs.size());
      for (int x = 0; x < width;) {
        const int first = x++, number = static_cast<int>(runs.size());
        while (x < width && (right[y] >> (x - 1) & 1)) x++;
        runs.push_back({number, y, first, x, (blank[y] >> first & 1) != 0});
        parents.push_back(number);
        // Of the runs above, those over this one; the last of them may reach over the next one, too.
        for (; above < own && runs[above].first < x; above++) {
          const int from = std::max(first, runs[above].first), end = std::min(x, runs[above].end);
          if (from < end && (below[y - 1] >> from & ((2ull << (end - from - 1)) - 1))) join(above, number);
          if (runs[above].end > x) break;
        }
      }
    }
  }

 private:
  void join(int left, int right) {
    left = first_of(left);
    right = first_of(right);
    parents[left > right ? left : right] = left < right ? left : right;
  }
};

// Whether two pixels, `channels` floats each, have the same bits.
static inline __attribute__((always_inline)) bool are_equal(const float* left, const float* right, int channels) {
  Mask bits{};
  int channel = 0;
  for (; channel + kLanes <= channels; channel += kLanes) bits |= load_mask(left + channel) ^ load_mask(right + channel);
  if (channel < channels)
    bits |= (load_mask(left + channel) ^ load_mask(right + channel)) & (lane_numbers() < Mask{} + (channels - channel));
  return has_no_bits(bits);
}

// From bits of pixels to bits of patches: all of `kernel` rows and columns from there, `dilation` apart.
static inline void pixels_to_patches(int kernel, int dilation, std::vector<uint64_t>& rows) {
  for (uint64_t& row : rows) {
    uint64_t all = row;
    for (int column = 1; column < kernel; column++) all &= row >> column * dilation;
    row = all;
  }
  for (size_t y = 0; y + (kernel - 1) * dilation < rows.size(); y++)
    for (int row = 1; row < kernel; row++) rows[y] &= rows[y + row * dilation];
}

// Bits of the pixels of row `y` of an image with its border: blank, and the same as the one to the right and the one
// below, where there are such. kVectors make a pixel; 0 is any number.
template <int kVectors>
static void find_row_ties(const Frame& frame, const float* in, int y, PatchTies& ties) {
  const int channels = kVectors == 0 ? frame.image.channels : kVectors * kLanes;
  const int width = frame.width, to_below = y + 1 < frame.height ? frame.row_stride() : 0;
  uint64_t blank = 0, right = 0, below = 0;
  for (int x = 0; x < width; x++, in += channels) {
    blank |= static_cast<uint64_t>(is_blank_pixel(in, channels)) << x;
    below |= static_cast<uint64_t>(are_equal(in, in + to_below, channels)) << x;
    if (x + 1 < width) right |= static_cast<uint64_t>(are_equal(in, in + channels, channels)) << x;
  }
  ties.blank[y] = blank;
  ties.right[y] = right;
  ties.below[y] = to_below == 0 ? 0 : below;
}

// For an image of at most kMostTieColumns columns with its border.
static inline void find_ties(const Frame& frame, int kernel, int dilation, const float* in, PatchTies& ties) {
  for (std::vector<uint64_t>* rows : {&ties.blank, &ties.right, &ties.below}) rows->assign(frame.height, 0);
  const auto find_row = frame.image.channels == kLanes ? find_row_ties<1> : find_row_ties<0>;
  for (int y = 0; y < frame.height; y++, in += frame.row_stride()) find_row(frame, in, y, ties);
  for (std::vector<uint64_t>* rows : {&ties.blank, &ties.right, &ties.below}) pixels_to_patches(kernel, dilation, *rows);
}

// For the windows of a block.
static inline void find_window_ties(const ConvShape& s, const float* in, PatchTies& ties) {
  find_ties({{s.in_height, s.in_width, s.in_channels}, s.pad, s.pad, s.padded_height(), s.padded_width()}, s.kernel, 1, in,
            ties);
  ties.windows.resize(s.out_height());
  for (int y = 0; y < 2 * s.out_height(); y += 2) {
    const uint64_t either = ties.blank[y] | ties.blank[y + 1] | ties.below[y];
    ties.windows[y / 2] = either | either >> 1 | ties.right[y] | ties.right[y + 1];
  }
}

}  // namespace MNIST_ISA
}  // namespace mnist
