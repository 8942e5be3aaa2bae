// Computes plain::pool and plain::pool_gradient, a vector of channels at once.
#pragma once

#include <algorithm>

#include "shapes.h"
#include "vector.h"

namespace mnist {
namespace MNIST_ISA {

static inline void store_some_places(int32_t* to, Mask values, int count) {
  if (count >= kLanes) std::memcpy(to, &values, sizeof values);
  for (int lane = 0; count < kLanes && lane < count; lane++) to[lane] = values[lane];
}

static inline Mask load_places(const int32_t* from) {
  Mask places;
  std::memcpy(&places, from, sizeof places);
  return places;
}

// One image. `out` has rows of `out_row_stride` floats. Reads up to a vector past the end of `in`.
static inline void pool(const PoolShape& s, const float* in, float* out, int out_row_stride, int32_t* places) {
  const ImageShape to = s.out();
  const float share = 1.0f / static_cast<float>(s.size * s.size);
  for (int y = 0; y < to.height; y++)
    for (int x = 0; x < to.width; x++, places += to.channels)
      for (int channel = 0; channel < to.channels; channel += kLanes) {
        const float* corner = in + y * s.stride * s.in.row() + x * s.stride * s.in.channels + channel;
        Vector best = load(corner), sum{};
        Mask place{};
        for (int row = 0; row < s.size; row++)
          for (int column = 0; column < s.size; column++) {
            const Vector value = load(corner + row * s.in.row() + column * s.in.channels);
            sum += value;
            const Mask is_larger = value > best;
            best = is_larger ? value : best;
            place = is_larger ? Mask{} + (row * s.size + column) : place;
          }
        const int rest = to.channels - channel;
        store_some(out + y * out_row_stride + x * to.channels + channel, s.is_mean ? sum * share : best, rest);
        if (!s.is_mean) store_some_places(places + channel, place, rest);
      }
}

// One image: d_in is overwritten. Reads up to a vector past all ends.
static inline void pool_gradient(const PoolShape& s, const float* d_out, const int32_t* places, float* d_in) {
  const ImageShape to = s.out();
  std::fill(d_in, d_in + s.in.size(), 0.0f);
  const float share = 1.0f / static_cast<float>(s.size * s.size);
  for (int y = 0; y < to.height; y++)
    for (int x = 0; x < to.width; x++, d_out += to.channels, places += to.channels) {
      float* corner = d_in + y * s.stride * s.in.row() + x * s.stride * s.in.channels;
      for (int channel = 0; channel < to.channels; channel += kLanes) {
        const Vector gradient = load(d_out + channel), of_each = gradient * share;
        const Mask place = s.is_mean ? Mask{} : load_places(places + channel);
        for (int row = 0; row < s.size; row++)
          for (int column = 0; column < s.size; column++) {
            float* at = corner + row * s.in.row() + column * s.in.channels + channel;
            const Vector own = place == Mask{} + (row * s.size + column) ? gradient : Vector{};
            store_some(at, load(at) + (s.is_mean ? of_each : own), to.channels - channel);
          }
      }
    }
}

}  // namespace MNIST_ISA
}  // namespace mnist
