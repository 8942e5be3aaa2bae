// From the bytes of some images of a batch to their logits.
#pragma once

#include "kernels/activation.h"
#include "kernels/conv_pool.h"
#include "kernels/conv_pool_pixels.h"
#include "kernels/conv_pool_rows.h"
#include "kernels/convolution.h"
#include "kernels/dense.h"
#include "kernels/normalization.h"
#include "kernels/pool.h"
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

static inline void fill_input(Network& network, int image, const uint8_t* bytes) {
  const Frame& frame = network.states[0].frame;
  float* to = network.input_of(0, image) + frame.origin();
  for (int y = 0; y < frame.image.height; y++, to += frame.row_stride(), bytes += frame.image.row())
    fill_row(network.plan, bytes, frame.image.row(), to);
}

// Calls use(row, number) with the rows of what a layer gives of an image.
template <typename Use>
static inline void for_each_output_row(Network& network, size_t index, int image, const Use& use) {
  const Frame frame = network.output_frame(index);
  float* row = network.output_of(index, image) + frame.origin();
  for (int y = 0; y < frame.image.height; y++, row += frame.row_stride()) use(row, y);
}

static inline void forward_activation(Network& network, size_t index, int image) {
  const Layer& layer = network.plan.layers[index];
  if (layer.activation == Activation::kNone) return;
  for_each_output_row(network, index, image,
                      [&](float* row, int) { activate(layer.activation, layer.out().row(), row); });
}

static inline void forward_block(Network& network, size_t index, int image, Scratch& scratch) {
  const ConvShape& s = network.plan.layers[index].block;
  LayerState& state = network.states[index];
  const Frame frame = network.output_frame(index);
  float* out = network.output_of(index, image) + frame.origin();
  const int out_row_stride = frame.row_stride();
  const float *in = network.input_of(index, image), *weights = state.parameters.data();
  const float* bias = weights + state.weight_count;
  uint8_t* codes = network.codes_of(index, image);
  const auto by_winograd = state.trains ? conv_pool_winograd<kToTrain> : conv_pool_winograd<kToPredict>;
  if (state.is_winograd)
    by_winograd(s, in, state.packed.data(), weights, bias, scratch.winograd, out, out_row_stride, codes);
  else if (state.is_by_rows)
    conv_pool_rows(s, state.convolution.forward, in, state.packed.data(), bias, scratch.rows, out, out_row_stride, codes);
  else if (fits_pixels(s))
    conv_pool_pixels(s, in, state.packed.data(), bias, scratch.ink, out, out_row_stride, codes);
  else
    conv_pool(s, in, state.packed.data(), bias, scratch.ink, out, out_row_stride, codes);
}

static inline void forward_convolution(Network& network, size_t index, int image) {
  const ConvolutionShape& s = network.plan.layers[index].convolution;
  LayerState& state = network.states[index];
  const ConvolutionState& own = state.convolution;
  for (int group = 0; group < s.groups; group++) {
    const int first = group * s.group_filters();
    sum_patches(own.forward, network.input_of(index, image) + group * s.group_channels(),
                state.packed.data() + own.group_panels * group,
                s.bias ? state.parameters.data() + state.weight_count + first : nullptr, s.group_filters(),
                network.output_of(index, image) + first);
  }
}

static inline void forward_tiled_convolution(Network& network, size_t index, int part, int first, int end) {
  const ConvolutionShape& s = network.plan.layers[index].convolution;
  LayerState& state = network.states[index];
  const TilePlan& plan = state.tiled->plan;
  Scratch& scratch = network.scratches[part];
  const Frame &in = state.frame, out = network.output_frame(index);
  const float* bias = s.bias ? state.parameters.data() + state.weight_count : nullptr;
  for (int start = first; start < end; start += plan.images) {
    const int images = std::min(plan.images, end - start);
    convolve_tiles(s, plan, images,
                   TileImages<const float>{network.input_of(index, start) + in.origin(),
                                           static_cast<size_t>(state.input_size), in.row_stride()},
                   state.packed.data(), bias, scratch.tiles,
                   TileImages<float>{network.output_of(index, start) + out.origin(),
                                     static_cast<size_t>(network.output_size(index)), out.row_stride()});
    for (int image = start; state.trains && image < start + images; image++) {
      find_ties(in, s.kernel, s.dilation, network.input_of(index, image), scratch.winograd.ties);
      settle_outputs(s, scratch.winograd.ties, bias, network.output_of(index, image) + out.origin(), out.row_stride());
    }
  }
}

static inline void forward_tiled_block(Network& network, size_t index, int part, int first, int end) {
  const ConvShape& s = network.plan.layers[index].block;
  LayerState& state = network.states[index];
  const TileState& tiled = *state.tiled;
  Scratch& scratch = network.scratches[part];
  const Frame frame = network.output_frame(index);
  const float *weights = state.parameters.data(), *bias = weights + state.weight_count;
  const size_t size = tiled.shape.out().size();
  scratch.rows.reserve(tiled.plan.images * size);
  for (int start = first; start < end; start += tiled.plan.images) {
    const int images = std::min(tiled.plan.images, end - start);
    convolve_tiles(tiled.shape, tiled.plan, images,
                   TileImages<const float>{network.input_of(index, start) + s.border(),
                                           static_cast<size_t>(state.input_size), s.row_stride()},
                   state.packed.data(), nullptr, scratch.tiles,
                   TileImages<float>{scratch.rows.data(), size, tiled.shape.out().row()});
    for (int image = start; image < start + images; image++) {
      const float* in = network.input_of(index, image);
      PatchTies* ties = state.trains ? &scratch.winograd.ties : nullptr;
      if (ties != nullptr) find_window_ties(s, in, *ties);
      pool_tiles(s, scratch.rows.data() + (image - start) * size, in, weights, bias, ties,
                 network.output_of(index, image) + frame.origin(), frame.row_stride(), network.codes_of(index, image));
    }
  }
}

// Dropout by the mask of `key`, or none where that is nullptr; or nothing but the activation.
static inline void forward_copy(Network& network, size_t index, int image, const uint32_t* key) {
  const Layer& layer = network.plan.layers[index];
  const int length = layer.out().row();
  const float* in = network.input_of(index, image);
  const uint32_t first = static_cast<uint32_t>(image) * layer.in.size();
  for_each_output_row(network, index, image, [&](float* row, int y) {
    if (key == nullptr) std::copy_n(in + y * length, length, row);
    else plain::dropout(layer.rate, *key, first + y * length, length, in + y * length, row);
  });
}

static inline void forward_normalization(Network& network, size_t index, int image) {
  const ImageShape& in = network.plan.layers[index].in;
  LayerState& state = network.states[index];
  NormalizationState& own = state.normalization;
  const Frame frame = network.output_frame(index);
  const float* scale = state.parameters.data();
  normalize(in.height * in.width, in.width, in.channels, network.input_of(index, image), own.mean.data(),
            own.inverse.data(), scale, scale + state.row, network.output_of(index, image) + frame.origin(),
            frame.row_stride());
}

static inline void add_image_statistics(Network& network, size_t index, int part, int image) {
  const ImageShape& in = network.plan.layers[index].in;
  add_statistics(in.height * in.width, in.channels, network.input_of(index, image),
                 network.states[index].normalization.sums[part]);
}

// A layer that images go through one by one, with its activation. `keys` are the step's, or nullptr where dropout is off.
static inline void forward_image(Network& network, size_t index, int part, int image, const uint32_t* keys) {
  const Layer& layer = network.plan.layers[index];
  switch (layer.kind) {
    case Layer::kBlock: forward_block(network, index, image, network.scratches[part]); break;
    case Layer::kConvolution: forward_convolution(network, index, image); break;
    case Layer::kPool: {
      const Frame frame = network.output_frame(index);
      pool(layer.pool, network.input_of(index, image), network.output_of(index, image) + frame.origin(),
           frame.row_stride(), network.places_of(index, image));
      break;
    }
    case Layer::kNormalization: forward_normalization(network, index, image); break;
    case Layer::kDropout:
      forward_copy(network, index, image, keys == nullptr ? nullptr : keys + network.key_of(index));
      break;
    default: forward_copy(network, index, image, nullptr);
  }
  forward_activation(network, index, image);
}

// Units [first_unit, end_unit) of a dense layer for some images, with bias and activation.
static inline void forward_dense(Network& network, size_t index, int first, int end, int first_unit, int end_unit) {
  const Layer& layer = network.plan.layers[index];
  LayerState& state = network.states[index];
  const int out_row = network.output_size(index), units = end_unit - first_unit;
  float* out = network.output_of(index, first) + first_unit;
  const auto product = state.is_large ? matmul_deep : matmul_at_once;
  product(end - first, layer.dense.inputs, units, network.input_of(index, first), {state.input_size, 1},
          state.parameters.data() + first_unit, state.row, out, out_row);
  const float* bias = state.parameters.data() + state.weight_count + first_unit;
  for (int image = first; image < end; image++, out += out_row) {
    for (int unit = 0; unit < units; unit++) out[unit] += bias[unit];
    activate(layer.activation, units, out);
  }
}

// A layer that some images go through together, with its activation.
static inline void forward_images(Network& network, size_t index, int part, int first, int end) {
  const Layer& layer = network.plan.layers[index];
  if (layer.kind == Layer::kDense) return forward_dense(network, index, first, end, 0, layer.dense.units);
  if (layer.kind == Layer::kBlock) return forward_tiled_block(network, index, part, first, end);
  forward_tiled_convolution(network, index, part, first, end);
  for (int image = first; image < end; image++) forward_activation(network, index, image);
}

// All layers for images from `first` up to `end`, which belong to `part`, dropout off. As long as it goes image by image,
// while that is in the caches.
static inline void forward_all(Network& network, int part, int first, int end) {
  const std::vector<Layer>& layers = network.plan.layers;
  for (size_t index = 0; index < layers.size();) {
    size_t next = index;
    while (next < layers.size() && network.is_by_image(next)) next++;
    for (int image = first; image < end && next > index; image++)
      for (size_t each = index; each < next; each++) forward_image(network, each, part, image, nullptr);
    if (next < layers.size()) forward_images(network, next, part, first, end);
    index = next + 1;
  }
}

}  // namespace MNIST_ISA
}  // namespace mnist
