// Computes plain::convolution and the input gradient of plain::convolution_gradients, which is itself a convolution of
// the output's gradient, and the filter gradient. All three keep a block of sums in registers while the taps, or the
// positions, go by; no patch is ever copied.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "shapes.h"
#include "vector.h"

namespace mnist {
namespace MNIST_ISA {

// A block of sums: so many positions, or weights of a filter, times so many vectors of filters.
constexpr int kWidestBlock = kHas32Registers ? 4 : 2;
constexpr int block_rows(int vectors) { return vectors == 1 ? 8 : 6; }

// Contiguous numbers of an input that contiguous rows of the weights are multiplied by.
struct Segment {
  int offset, length;  // floats from where a patch begins
};

// A sum over patches for each of some positions: patches begin at `from` of the input, and results go to `to` of the
// output. A position's result is [columns].
struct PatchSums {
  std::vector<Segment> segments;
  std::vector<int> from, to;
  int depth = 0;  // of all segments together
};

// The weights of a sum lie in panels of so many columns, each [depth][width]: as many whole vectors as a block has, or
// as remain.
constexpr int kPanel = kWidestBlock * kLanes;
static inline int panel_width(int columns, int first) { return std::min(kPanel, round_up(columns - first, kLanes)); }
static inline size_t panels_size(int depth, int columns) { return static_cast<size_t>(depth) * round_up(columns, kLanes); }
// Where the weight of a row and column lies.
static inline size_t panel_place(int depth, int columns, int row, int column) {
  const int first = column / kPanel * kPanel;
  return static_cast<size_t>(depth) * first + static_cast<size_t>(row) * panel_width(columns, first) + (column - first);
}

template <int kVectors>
static void sum_patches_panel(const PatchSums& sums, int count, const float* in, const float* panel, const float* bias,
                              int columns, float* out) {
  constexpr int kWidth = kVectors * kLanes, kRows = block_rows(kVectors);
  Vector first_sums[kVectors];
  set_zero(first_sums);
#pragma GCC unroll 4
  for (int part = 0; part < kVectors; part++)
    if (bias != nullptr) first_sums[part] = load(bias + part * kLanes);
  for (int position = 0; position < count; position += kRows) {
    // What is missing to a whole block is the last position, computed again.
    const float* rows[kRows];
    for (int row = 0; row < kRows; row++) rows[row] = in + sums.from[std::min(position + row, count - 1)];
    Vector block[kRows][kVectors];
#pragma GCC unroll 8
    for (int row = 0; row < kRows; row++)
#pragma GCC unroll 4
      for (int part = 0; part < kVectors; part++) block[row][part] = first_sums[part];
    const float* weights = panel;
    for (const Segment& segment : sums.segments)
      for (int at = segment.offset, end = at + segment.length; at < end; at++, weights += kWidth) {
        Vector values[kVectors];
        for (int part = 0; part < kVectors; part++) values[part] = load(weights + part * kLanes);
#pragma GCC unroll 8
        for (int row = 0; row < kRows; row++) {
          const Vector factor = broadcast(rows[row][at]);
#pragma GCC unroll 4
          for (int part = 0; part < kVectors; part++) block[row][part] += factor * values[part];
        }
      }
#pragma GCC unroll 8
    for (int row = 0; row < kRows; row++) {
      float* to = out + sums.to[std::min(position + row, count - 1)];
#pragma GCC unroll 4
      for (int part = 0; part < kVectors; part++) store_some(to + part * kLanes, block[row][part], columns - part * kLanes);
    }
  }
}

// One group of an image at the first `count` positions: `panels` are its weights, `bias` its biases or nullptr.
static inline void sum_patches(const PatchSums& sums, int count, const float* in, const float* panels, const float* bias,
                               int columns, float* out) {
  for (int first = 0; first < columns; first += kPanel) {
    const float* panel = panels + static_cast<size_t>(sums.depth) * first;
    const float* panel_bias = bias == nullptr ? nullptr : bias + first;
    const int width = panel_width(columns, first) / kLanes;
    const auto kernel = width == 1   ? sum_patches_panel<1>
                        : width == 2 ? sum_patches_panel<2>
                        : width == 3 ? sum_patches_panel<std::min(3, kWidestBlock)>
                                     : sum_patches_panel<kWidestBlock>;
    kernel(sums, count, in, panel, panel_bias, columns - first, out + first);
  }
}

// At all positions.
static inline void sum_patches(const PatchSums& sums, const float* in, const float* panels, const float* bias,
                               int columns, float* out) {
  sum_patches(sums, static_cast<int>(sums.from.size()), in, panels, bias, columns, out);
}

// How the filter gradient goes through an image: the positions of all outputs, cut into pieces that stay in the
// first-level cache.
struct PatchGradients {
  std::vector<int> offsets;  // of each weight of a filter within a patch
  std::vector<int> rows;     // of each such weight among all of the kernel, some of which no pixel ever meets
  std::vector<int> from;     // where the patch of each position begins
  int columns_row = 0;       // floats from one position's output gradients to the next
};

constexpr int kPositionsAtOnce = 112;

template <int kVectors>
static void add_patch_gradients_block(const PatchGradients& patches, int first, int end, const float* const* rows,
                                      const float* d_out, Vector (&block)[block_rows(kVectors)][kVectors]) {
  constexpr int kRows = block_rows(kVectors);
  const float* own[kRows];
  for (int row = 0; row < kRows; row++) own[row] = rows[row];
  d_out += static_cast<size_t>(first) * patches.columns_row;
  Vector sums[kRows][kVectors];
  set_zero(sums);
  for (int position = first; position < end; position++, d_out += patches.columns_row) {
    const int from = patches.from[position];
    Vector values[kVectors];
    for (int part = 0; part < kVectors; part++) values[part] = load(d_out + part * kLanes);
#pragma GCC unroll 8
    for (int row = 0; row < kRows; row++) {
      const Vector factor = broadcast(own[row][from]);
#pragma GCC unroll 4
      for (int part = 0; part < kVectors; part++) sums[row][part] += factor * values[part];
    }
  }
  for (int row = 0; row < kRows; row++)
    for (int part = 0; part < kVectors; part++) block[row][part] = sums[row][part];
}

template <int kVectors>
static void add_patch_gradients_columns(const PatchGradients& patches, const float* in, const float* d_out, int columns,
                                        int first, int end, float* d_weights, int d_row) {
  constexpr int kRows = block_rows(kVectors);
  const int depth = static_cast<int>(patches.offsets.size());
  for (int at = 0; at < depth; at += kRows) {
    const float* rows[kRows];
    for (int row = 0; row < kRows; row++) rows[row] = in + patches.offsets[std::min(at + row, depth - 1)];
    Vector block[kRows][kVectors];
    add_patch_gradients_block<kVectors>(patches, first, end, rows, d_out, block);
    for (int row = 0; row < kRows && at + row < depth; row++) {
      float* to = d_weights + static_cast<size_t>(patches.rows[at + row]) * d_row;
      for (int part = 0; part < kVectors; part++)
        store_some(to + part * kLanes, load(to + part * kLanes) + block[row][part], columns - part * kLanes);
    }
  }
}

// One group of an image: in -> d_weights [depth][columns], rows `d_row` floats apart, added to what is there. Reads up to
// a vector past the end of d_out and d_weights.
static inline void add_patch_gradients(const PatchGradients& patches, const float* in, const float* d_out, int columns,
                                       float* d_weights, int d_row) {
  const int count = static_cast<int>(patches.from.size());
  for (int first = 0; first < count; first += kPositionsAtOnce)
    for (int column = 0; column < columns; column += kPanel) {
      const int width = panel_width(columns, column) / kLanes, end = std::min(first + kPositionsAtOnce, count);
      const auto kernel = width == 1   ? add_patch_gradients_columns<1>
                          : width == 2 ? add_patch_gradients_columns<2>
                          : width == 3 ? add_patch_gradients_columns<std::min(3, kWidestBlock)>
                                       : add_patch_gradients_columns<kWidestBlock>;
      kernel(patches, in, d_out + column, columns - column, first, end, d_weights + column, d_row);
    }
}

// Sums d_out [count][columns] by column, added to what is there. Reads up to a vector past each end.
static inline void add_column_sums(int count, int columns, const float* d_out, float* d_bias) {
  for (int first = 0; first < columns; first += kLanes) {
    const Vector sums = sum_positions(count, [&](int at) { return load(d_out + static_cast<size_t>(at) * columns + first); });
    store_some(d_bias + first, load(d_bias + first) + sums, columns - first);
  }
}

// ---- What the sums of a convolution are

// The taps of a kernel, along one axis, that any output meets a pixel with: [first, end), maybe none.
struct Taps {
  int first, end;
};

static inline Taps useful_taps(const ConvolutionShape& s, int pad, int in_length, int out_length) {
  const int reach = (out_length - 1) * s.stride;  // how far the patches move
  const int first = std::max(0, pad - reach > 0 ? (pad - reach + s.dilation - 1) / s.dilation : 0);
  const int end = std::min(s.kernel, (in_length - 1 + pad) / s.dilation + 1);
  return {std::min(first, s.kernel), std::max(end, std::min(first, s.kernel))};
}
static inline Taps useful_rows(const ConvolutionShape& s) { return useful_taps(s, s.pad_top, s.in.height, s.out_height); }
static inline Taps useful_columns(const ConvolutionShape& s) { return useful_taps(s, s.pad_left, s.in.width, s.out_width); }

static inline bool needs_all_taps(const ConvolutionShape& s) {
  const auto are_all = [&](Taps taps) { return taps.first == 0 && taps.end == s.kernel; };
  return are_all(useful_rows(s)) && are_all(useful_columns(s));
}

// The border that a convolution's input needs.
static inline Frame convolution_frame(const ConvolutionShape& s) {
  Frame frame = without_border(s.in);
  const auto widen = [&](Taps taps, int pad, int out_length, int& before, int& length) {
    before = std::max(0, pad - taps.first * s.dilation);
    const int end = (out_length - 1) * s.stride + (taps.end - 1) * s.dilation - pad + 1;
    length = before + std::max(length, end);
  };
  widen(useful_rows(s), s.pad_top, s.out_height, frame.top, frame.height);
  widen(useful_columns(s), s.pad_left, s.out_width, frame.left, frame.width);
  return frame;
}

// Adds numbers that follow each other to the last segment.
static inline void add_segment(PatchSums& sums, int offset, int length) {
  sums.depth += length;
  if (!sums.segments.empty() && sums.segments.back().offset + sums.segments.back().length == offset)
    sums.segments.back().length += length;
  else
    sums.segments.push_back({offset, length});
}

// Calls use(tap) with [row * kernel + column] of each useful tap.
template <typename Use>
static inline void for_each_tap(const ConvolutionShape& s, const Use& use) {
  const Taps rows = useful_rows(s), columns = useful_columns(s);
  for (int y = rows.first; y < rows.end; y++)
    for (int x = columns.first; x < columns.end; x++) use(y * s.kernel + x);
}

// Where the patch of an output begins whose first tap would be 0, which may lie before the frame, and a tap within it.
static inline int patch_start(const ConvolutionShape& s, const Frame& frame, int y, int x) {
  return (y * s.stride - s.pad_top + frame.top) * frame.row_stride() +
         (x * s.stride - s.pad_left + frame.left) * s.in.channels;
}
static inline int tap_offset(const ConvolutionShape& s, const Frame& frame, int tap) {
  return tap / s.kernel * s.dilation * frame.row_stride() + tap % s.kernel * s.dilation * s.in.channels;
}

// The outputs of a group: weights in the order of for_each_tap, [taps][group channels]. `out` says how the outputs lie.
static inline PatchSums forward_sums(const ConvolutionShape& s, const Frame& frame, const Frame& out) {
  PatchSums sums;
  for_each_tap(s, [&](int tap) { add_segment(sums, tap_offset(s, frame, tap), s.group_channels()); });
  for (int y = 0; y < s.out_height; y++)
    for (int x = 0; x < s.out_width; x++) {
      sums.from.push_back(patch_start(s, frame, y, x));
      sums.to.push_back(out.origin() + y * out.row_stride() + x * s.filters);
    }
  return sums;
}

static inline PatchGradients gradient_patches(const ConvolutionShape& s, const Frame& frame) {
  PatchGradients patches;
  for_each_tap(s, [&](int tap) {
    for (int channel = 0; channel < s.group_channels(); channel++) {
      patches.offsets.push_back(tap_offset(s, frame, tap) + channel);
      patches.rows.push_back(tap * s.group_channels() + channel);
    }
  });
  for (int y = 0; y < s.out_height; y++)
    for (int x = 0; x < s.out_width; x++) patches.from.push_back(patch_start(s, frame, y, x));
  patches.columns_row = s.filters;
  return patches;
}

// A pixel has been met by those taps that are as far from it as a multiple of the stride: pixels fall into stride x stride
// classes, each with a sum of its own over the output gradients, [taps][group filters]. `taps` of a class are in the
// order of its weights.
struct InputClass {
  PatchSums sums;
  std::vector<int> taps;
};
struct InputGradient {
  Frame frame;  // of the output gradients
  std::vector<InputClass> classes;
};

static inline InputGradient input_gradient(const ConvolutionShape& s) {
  InputGradient gradient;
  const auto floor_divide = [](int value, int by) { return value >= 0 ? value / by : -((-value + by - 1) / by); };
  // The output that a tap leads to from a pixel: (pixel + pad - tap * dilation) / stride, where that is whole.
  struct Move {
    int tap, by;  // an output's place is that of the pixel's cell, pixel / stride, plus `by`
  };
  const auto moves_of = [&](Taps taps, int pad, int residue) {
    std::vector<Move> moves;
    for (int tap = taps.end - 1; tap >= taps.first; tap--) {
      const int way = residue + pad - tap * s.dilation;
      if (way - floor_divide(way, s.stride) * s.stride == 0) moves.push_back({tap, floor_divide(way, s.stride)});
    }
    return moves;
  };
  const Taps rows = useful_rows(s), columns = useful_columns(s);
  Frame frame = without_border(s.out());
  const auto widen = [&](Taps taps, int pad, int in_length, int out_length, int& before, int& length) {
    int first = 0, last = out_length - 1;
    for (int residue = 0; residue < s.stride && residue < in_length; residue++)
      for (const Move& move : moves_of(taps, pad, residue)) {
        first = std::min(first, move.by);
        last = std::max(last, (in_length - 1 - residue) / s.stride + move.by);
      }
    before = -first;
    length = last - first + 1;
  };
  widen(rows, s.pad_top, s.in.height, s.out_height, frame.top, frame.height);
  widen(columns, s.pad_left, s.in.width, s.out_width, frame.left, frame.width);
  gradient.frame = frame;
  for (int row = 0; row < s.stride && row < s.in.height; row++)
    for (int column = 0; column < s.stride && column < s.in.width; column++) {
      InputClass own;
      for (const Move& down : moves_of(rows, s.pad_top, row))
        for (const Move& across : moves_of(columns, s.pad_left, column)) {
          add_segment(own.sums, down.by * frame.row_stride() + across.by * s.filters, s.group_filters());
          own.taps.push_back(down.tap * s.kernel + across.tap);
        }
      for (int y = row; y < s.in.height; y += s.stride)
        for (int x = column; x < s.in.width; x += s.stride) {
          own.sums.from.push_back(frame.origin() + y / s.stride * frame.row_stride() + x / s.stride * s.filters);
          own.sums.to.push_back(y * s.in.row() + x * s.in.channels);
        }
      gradient.classes.push_back(own);
    }
  return gradient;
}

}  // namespace MNIST_ISA
}  // namespace mnist
