// Computes plain::normalization and plain::normalization_gradients. Sums over the batch are made of the sums over each
// image, which are taken in double precision from one image to the next.
#pragma once

#include <cmath>
#include <vector>

#include "shapes.h"
#include "vector.h"

namespace mnist {
namespace MNIST_ISA {

// Two sums for each channel over some images: of values and their squares, or of gradients.
struct ChannelSums {
  std::vector<double> first, second;

  void clear(int channels) {
    first.assign(channels, 0);
    second.assign(channels, 0);
  }
  void add(const ChannelSums& other) {
    for (size_t channel = 0; channel < first.size(); channel++) {
      first[channel] += other.first[channel];
      second[channel] += other.second[channel];
    }
  }
};

// Adds the values of one image, [positions][channels], and their squares. Squares are taken of how far a value is from the
// image's mean, so that nothing is lost where that is large.
static inline void add_statistics(int positions, int channels, const float* in, ChannelSums& sums) {
  for (int first = 0; first < channels; first += kLanes) {
    const float* values = in + first;
    const auto value = [&](int position) { return load(values + static_cast<size_t>(position) * channels); };
    const Vector mean = sum_positions(positions, value) / static_cast<float>(positions);
    const Vector squares = sum_positions(positions, [&](int position) {
      const Vector off = value(position) - mean;
      return off * off;
    });
    for (int lane = 0; lane < kLanes && first + lane < channels; lane++) {
      sums.first[first + lane] += static_cast<double>(mean[lane]) * positions;
      sums.second[first + lane] += squares[lane] + static_cast<double>(mean[lane]) * mean[lane] * positions;
    }
  }
}

// out [positions][channels] = (in - mean) * inverse * scale + offset, its rows of `row` positions `out_row_stride` floats
// apart. Both read up to a vector past all ends.
static inline void normalize(int positions, int row, int channels, const float* in, const float* mean,
                             const float* inverse, const float* scale, const float* offset, float* out,
                             int out_row_stride) {
  for (int first = 0; first < channels; first += kLanes) {
    const Vector center = load(mean + first), factor = load(inverse + first) * load(scale + first), shift = load(offset + first);
    const float* from = in + first;
    for (int start = 0; start < positions; start += row) {
      float* to = out + start / row * out_row_stride + first;
      for (int x = 0; x < row; x++, from += channels, to += channels)
        store_some(to, (load(from) - center) * factor + shift, channels - first);
    }
  }
}

// Adds the sums of d_out and of d_out times the normalized input of one image.
static inline void add_gradient_sums(int positions, int channels, const float* in, const float* mean,
                                     const float* inverse, const float* d_out, ChannelSums& sums) {
  for (int first = 0; first < channels; first += kLanes) {
    const Vector center = load(mean + first);
    const auto at = [&](const float* values, int position) {
      return load(values + static_cast<size_t>(position) * channels + first);
    };
    const Vector sum = sum_positions(positions, [&](int position) { return at(d_out, position); });
    const Vector products = load(inverse + first) * sum_positions(positions, [&](int position) {
      return at(d_out, position) * (at(in, position) - center);
    });
    for (int lane = 0; lane < kLanes && first + lane < channels; lane++) {
      sums.first[first + lane] += sum[lane];
      sums.second[first + lane] += products[lane];
    }
  }
}

// d_in = scale * inverse * (d_out - d_mean - normalized * d_spread), where the latter two are the sums over the batch
// divided by the number of values.
static inline void normalization_gradient(int positions, int channels, const float* in, const float* mean,
                                          const float* inverse, const float* scale, const float* d_mean,
                                          const float* d_spread, const float* d_out, float* d_in) {
  for (int first = 0; first < channels; first += kLanes) {
    const Vector center = load(mean + first), factor = load(scale + first) * load(inverse + first);
    const Vector shift = load(d_mean + first), slope = load(d_spread + first) * load(inverse + first);
    const float *at = in + first, *d_at = d_out + first;
    float* to = d_in + first;
    for (int position = 0; position < positions; position++, at += channels, d_at += channels, to += channels)
      store_some(to, (load(d_at) - shift - (load(at) - center) * slope) * factor, channels - first);
  }
}

}  // namespace MNIST_ISA
}  // namespace mnist
