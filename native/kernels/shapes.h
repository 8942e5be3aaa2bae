// The sizes that kernels work with. src/backend/ops.ts checks them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mnist {

// A block: convolution, bias, optional ReLU, then max-pool 2 x 2. Input and output are [height][width][channels]; the
// input carries a border of `pad` zeros on each side.
struct ConvShape {
  int in_height, in_width, in_channels;  // without the border
  int kernel;                            // kernel x kernel
  int pad;
  int filters;
  bool relu, bias;

  int padded_width() const { return in_width + 2 * pad; }
  int padded_height() const { return in_height + 2 * pad; }
  int row_stride() const { return padded_width() * in_channels; }
  int out_height() const { return (padded_height() - kernel + 1) / 2; }  // after the pool
  int out_width() const { return (padded_width() - kernel + 1) / 2; }
  int cells() const { return out_height() * out_width(); }
  int outputs() const { return cells() * filters; }
  int border() const { return pad * (row_stride() + in_channels); }  // floats before the first pixel
  int row_taps() const { return kernel * in_channels; }  // one kernel row is contiguous in the input
  int taps() const { return kernel * row_taps(); }
  int weights() const { return taps() * filters; }
  int parameters() const { return weights() + (bias ? filters : 0); }
  // Where the input patch begins that a cell's maximum came from, in floats: `code` is its position in the pooling window.
  int patch_of(int cell, int code) const {
    const int y = 2 * (cell / out_width()) + code / 2, x = 2 * (cell % out_width()) + code % 2;
    return y * row_stride() + x * in_channels;
  }
  bool operator==(const ConvShape& other) const {
    return in_height == other.in_height && in_width == other.in_width && in_channels == other.in_channels &&
           kernel == other.kernel && pad == other.pad && filters == other.filters && relu == other.relu &&
           bias == other.bias;
  }
};

struct DenseShape {
  int inputs, units;
  bool relu, bias;

  int weights() const { return inputs * units; }
  int parameters() const { return weights() + (bias ? units : 0); }
  bool operator==(const DenseShape& other) const {
    return inputs == other.inputs && units == other.units && relu == other.relu && bias == other.bias;
  }
};

// Which of a window's four positions held the maximum; 4 where ReLU let nothing through.
constexpr uint8_t kInactive = 4;

inline int round_up(int value, int multiple) { return (value + multiple - 1) / multiple * multiple; }

}  // namespace mnist
