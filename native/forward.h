// From the bytes of some images of a batch to their logits.
#pragma once

#include "kernels/conv_pool.h"
#include "kernels/conv_pool_pixels.h"
#include "kernels/dense.h"
#include "network.h"
#include "plain.h"

namespace mnist {
namespace MNIST_ISA {

// Bytes to pixels. The last vector reaches back over the one before it, unless the row is shorter than one.
static inline void fill_row(const Plan& plan, const uint8_t* bytes, int count, float* to) {
  const Vector scale = broadcast(plan.pixel_scale), offset = broadcast(plan.pixel_offset);
  int x = 0;
  for (; count >= kLanes && x < count; x += kLanes) {
    x = std::min(x, count - kLanes);
    store(to + x, __builtin_convertvector(load_bytes(bytes + x), Vector) * scale + offset);
  }
  for (; x < count; x++) to[x] = bytes[x] * plan.pixel_scale + plan.pixel_offset;
}

// The images of a batch lie anywhere in a data set that is larger than the caches.
static inline void prefetch(const uint8_t* bytes, int count) {
  for (int at = 0; at < count + 63; at += 64) __builtin_prefetch(bytes + std::min(at, count - 1));
}

static inline void fill_input(const Plan& plan, const uint8_t* bytes, float* to) {
  if (plan.layers[0].kind != Layer::kConv) return fill_row(plan, bytes, plan.image_bytes, to);
  const ConvShape& s = plan.layers[0].conv;
  to += s.border();
  for (int y = 0; y < s.in_height; y++, to += s.row_stride(), bytes += s.in_width) fill_row(plan, bytes, s.in_width, to);
}

static inline void forward_convolutions(Network& network, int image, Scratch& scratch) {
  for (size_t index = 0; index < network.convolutions; index++) {
    const ConvShape& s = network.plan.layers[index].conv;
    LayerState& state = network.states[index];
    float* out = network.output_of(index, image);
    int out_row_stride = s.out_width() * s.filters;
    if (index + 1 < network.convolutions) {
      const ConvShape& next = network.plan.layers[index + 1].conv;
      out_row_stride = next.row_stride();
      out += next.border();
    }
    const float *in = network.input_of(index, image), *weights = state.parameters.data();
    const float* bias = weights + state.weight_count;
    uint8_t* codes = network.codes_of(index, image);
    const auto by_winograd = state.trains ? conv_pool_winograd<kToTrain> : conv_pool_winograd<kToPredict>;
    if (state.is_winograd)
      by_winograd(s, in, state.packed.data(), weights, bias, scratch.winograd, out, out_row_stride, codes);
    else if (fits_pixels(s))
      conv_pool_pixels(s, in, state.packed.data(), bias, scratch.ink, out, out_row_stride, codes);
    else
      conv_pool(s, in, state.packed.data(), bias, scratch.ink, out, out_row_stride, codes);
  }
}

static inline void forward_dense(Network& network, size_t index, int first, int end) {
  const DenseShape& s = network.plan.layers[index].dense;
  LayerState& state = network.states[index];
  const int out_row = network.output_row(index);
  float* out = network.output_of(index, first);
  matmul(end - first, s.inputs, s.units, network.input_of(index, first), {state.input_size, 1}, state.parameters.data(),
         state.row, out, out_row);
  const float* bias = state.parameters.data() + state.weight_count;
  for (int image = first; image < end; image++, out += out_row)
    for (int unit = 0; unit < s.units; unit++) {
      const float value = out[unit] + bias[unit];
      out[unit] = s.relu && value <= 0 ? 0.0f : value;
    }
}

// Drops units of some images by the mask of `key`, or copies all where there is none.
static inline void forward_dropout(Network& network, size_t index, int first, int end, const uint32_t* key) {
  const Layer& layer = network.plan.layers[index];
  for (int image = first; image < end; image++) {
    const float* in = network.input_of(index, image);
    if (key == nullptr) std::copy(in, in + layer.units, network.output_of(index, image));
    else plain::dropout(layer, *key, image, in, network.output_of(index, image));
  }
}

// Images from `first` up to `end`, which are `part` of the batch; `image_of` gives an image's bytes, `keys` is nullptr where
// dropout is off.
template <typename ImageOf>
static void forward(Network& network, int part, int first, int end, const ImageOf& image_of, const uint32_t* keys) {
  for (int image = first; image < end; image++) {
    if (image + 1 < end) prefetch(image_of(image + 1), network.plan.image_bytes);
    fill_input(network.plan, image_of(image), network.input_of(0, image));
    forward_convolutions(network, image, network.scratches[part]);
  }
  for (size_t index = network.convolutions; index < network.states.size(); index++) {
    const Layer::Kind kind = network.plan.layers[index].kind;
    if (kind == Layer::kDense) forward_dense(network, index, first, end);
    if (kind == Layer::kDropout)
      forward_dropout(network, index, first, end, keys == nullptr ? nullptr : keys++);
  }
}

}  // namespace MNIST_ISA
}  // namespace mnist
