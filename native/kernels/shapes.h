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
  // Where the input patch begins that a cell's maximum came from, in floats: `code` is its position in the pooling
  // window.
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
  bool bias;

  int weights() const { return inputs * units; }
  int parameters() const { return weights() + (bias ? units : 0); }
  bool operator==(const DenseShape& other) const {
    return inputs == other.inputs && units == other.units && bias == other.bias;
  }
};

// The values of an image between two layers, [height][width][channels]; behind a flatten all of them are channels.
struct ImageShape {
  int height, width, channels;

  int row() const { return width * channels; }
  int size() const { return height * row(); }
  bool operator==(const ImageShape& other) const {
    return height == other.height && width == other.width && channels == other.channels;
  }
};

// How an image lies in memory: inside a border of zeros, which is as wide as the layer that reads it needs.
struct Frame {
  ImageShape image;
  int top, left, height, width;  // of the border, and of all with it

  int row_stride() const { return width * image.channels; }
  int size() const { return height * row_stride(); }
  int origin() const { return top * row_stride() + left * image.channels; }  // floats before the first pixel
};

inline Frame without_border(const ImageShape& image) { return {image, 0, 0, image.height, image.width}; }

// Any convolution, without activation or pool. The weights are [kernel][kernel][group channels][filters]; each of the
// `groups` equal parts of the filters sees its own part of the channels.
struct ConvolutionShape {
  ImageShape in;
  int kernel, stride, dilation, groups;
  int pad_top, pad_left;
  int out_height, out_width, filters;
  bool bias;

  ImageShape out() const { return {out_height, out_width, filters}; }
  int group_channels() const { return in.channels / groups; }
  int group_filters() const { return filters / groups; }
  int depth() const { return kernel * kernel * group_channels(); }  // weights of a filter
  int weights() const { return depth() * filters; }
  int parameters() const { return weights() + (bias ? filters : 0); }
  bool operator==(const ConvolutionShape& other) const {
    return in == other.in && kernel == other.kernel && stride == other.stride && dilation == other.dilation &&
           groups == other.groups && pad_top == other.pad_top && pad_left == other.pad_left &&
           out() == other.out() && bias == other.bias;
  }
};

// The maximum or the mean of each square of an image.
struct PoolShape {
  ImageShape in;
  int size, stride;
  bool is_mean;

  ImageShape out() const {
    return {(in.height - size) / stride + 1, (in.width - size) / stride + 1, in.channels};
  }
  bool operator==(const PoolShape& other) const {
    return in == other.in && size == other.size && stride == other.stride && is_mean == other.is_mean;
  }
};

enum class Activation { kNone, kRelu, kSigmoid, kTanh };

// Which of a window's four positions held the maximum; 4 where ReLU let nothing through.
constexpr uint8_t kInactive = 4;

inline int round_up(int value, int multiple) { return (value + multiple - 1) / multiple * multiple; }

}  // namespace mnist
