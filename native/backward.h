// From the gradient of what a layer gives, for some images, to the gradient of what goes into it.
#pragma once

#include "forward.h"
#include "kernels/conv_filter_gradient.h"
#include "kernels/conv_input_gradient.h"
#include "kernels/conv_input_sliding.h"
#include "kernels/conv_pixel_gradient.h"

namespace mnist {
namespace MNIST_ISA {

// The input gradient of block `index`, whose border is dropped.
static inline void backward_block_input(Network& network, size_t index, int image, Scratch& scratch) {
  const ConvShape& s = network.plan.layers[index].block;
  float* border = scratch.border.data();
  std::fill(border, border + s.padded_height() * s.row_stride(), 0.0f);
  const float* weights = network.states[index].parameters.data();
  if (fits_sliding(s))
    conv_input_sliding(s, weights, network.gradient_of(index, image), network.codes_of(index, image),
                       scratch.filters, border);
  else
    conv_input_gradient(s, weights, scratch.active, border);
  float* to = network.gradient_of(index - 1, image);
  const float* inner = border + s.border();
  for (int y = 0; y < s.in_height; y++, inner += s.row_stride(), to += s.in_width * s.in_channels)
    std::copy(inner, inner + s.in_width * s.in_channels, to);
}

static inline void backward_block(Network& network, size_t index, int part, int first, int end) {
  Scratch& scratch = network.scratches[part];
  LayerState& state = network.states[index];
  const ConvShape& s = network.plan.layers[index].block;
  float *gradients = state.part_gradients[part].data(), *bias_gradients = gradients + state.weight_count;
  const bool is_pixels = fits_pixel_gradient(s), wants_input = index > network.first_trained;
  const bool is_tiled = wants_input && fits_tile_gradient(s);
  for (int image = first; image < end; image++) {
    const float *in = network.input_of(index, image), *d_out = network.gradient_of(index, image);
    const uint8_t* codes = network.codes_of(index, image);
    add_bias_gradients(s, d_out, codes, bias_gradients);
    if (!is_pixels || (wants_input && !is_tiled && !fits_sliding(s))) scratch.active.list(s, d_out, codes);
    if (is_pixels)
      conv_pixel_gradient(s, in, d_out, codes, scratch.ink, gradients);
    else
      conv_filter_gradient(s, in, scratch.active, gradients);
    if (wants_input && !is_tiled) backward_block_input(network, index, image, scratch);
  }
  for (int image = first; is_tiled && image < end; image += state.tiled->plan.images)
    tile_input_gradient(state.tiled->shape, state.tiled->plan, std::min(state.tiled->plan.images, end - image),
                        PooledGradients{network.gradient_of(index, image), network.codes_of(index, image),
                                        static_cast<size_t>(state.gradient_size)},
                        state.tiled->weights_back.data(), scratch.tiles,
                        TileImages<float>{network.gradient_of(index - 1, image),
                                          static_cast<size_t>(network.states[index - 1].gradient_size), s.in_width * s.in_channels});
}

// The sums of a convolution's input gradient, out of the output's with a border around it.
static inline void backward_convolution_input(Network& network, size_t index, int image, Scratch& scratch) {
  const ConvolutionShape& s = network.plan.layers[index].convolution;
  const ConvolutionState& own = network.states[index].convolution;
  const Frame& frame = own.backward.frame;
  float* border = scratch.border.data();
  std::fill(border, border + frame.size(), 0.0f);
  const float* from = network.gradient_of(index, image);
  for (int y = 0; y < s.out_height; y++)
    std::copy_n(from + y * frame.image.row(), frame.image.row(), border + frame.origin() + y * frame.row_stride());
  for (size_t at = 0; at < own.backward.classes.size(); at++) {
    const PatchSums& sums = own.backward.classes[at].sums;
    for (int group = 0; group < s.groups; group++)
      sum_patches(sums, border + group * s.group_filters(),
                  own.panels[at].data() + panels_size(sums.depth, s.group_channels()) * group, nullptr,
                  s.group_channels(), network.gradient_of(index - 1, image) + group * s.group_channels());
  }
}

static inline void backward_convolution(Network& network, size_t index, int part, int first, int end) {
  const ConvolutionShape& s = network.plan.layers[index].convolution;
  LayerState& state = network.states[index];
  float* gradients = state.part_gradients[part].data();
  for (int image = first; image < end; image++) {
    const float* d_out = network.gradient_of(index, image);
    if (s.bias) add_column_sums(s.out_height * s.out_width, s.filters, d_out, gradients + state.weight_count);
    for (int group = 0; group < s.groups; group++)
      add_patch_gradients(state.convolution.patches, network.input_of(index, image) + group * s.group_channels(),
                          d_out + group * s.group_filters(), s.group_filters(), gradients + group * s.group_filters(),
                          s.filters);
    if (index > network.first_trained) backward_convolution_input(network, index, image, network.scratches[part]);
  }
}

static inline void backward_tiled_convolution(Network& network, size_t index, int part, int first, int end) {
  const ConvolutionShape& s = network.plan.layers[index].convolution;
  LayerState& state = network.states[index];
  const TileState& tiled = *state.tiled;
  float* gradients = state.part_gradients[part].data();
  const bool wants_input = index > network.first_trained;
  for (int start = first; start < end; start += tiled.plan.images) {
    const int images = std::min(tiled.plan.images, end - start);
    for (int image = start; s.bias && image < start + images; image++)
      add_column_sums(s.out_height * s.out_width, s.filters, network.gradient_of(index, image),
                      gradients + state.gradient_weights);
    tile_gradients(s, tiled.plan, images,
                   TileImages<const float>{network.input_of(index, start) + state.frame.origin(),
                                           static_cast<size_t>(state.input_size), state.frame.row_stride()},
                   TileImages<const float>{network.gradient_of(index, start), static_cast<size_t>(state.gradient_size),
                                           s.out().row()},
                   wants_input ? tiled.weights_back.data() : nullptr, network.scratches[part].tiles, gradients,
                   wants_input ? TileImages<float>{network.gradient_of(index - 1, start),
                                                   static_cast<size_t>(network.states[index - 1].gradient_size), s.in.row()}
                               : TileImages<float>{});
  }
}

// The gradient of what goes into a layer, whose activation is dealt with, and of its parameters, summed over the part of
// the batch; those of dense layers are left to the update.
static inline void backward_part(Network& network, size_t index, int part, int first, int end, const uint32_t* keys) {
  const Layer& layer = network.plan.layers[index];
  LayerState& state = network.states[index];
  Floats& gradients = state.part_gradients[part];
  if (!gradients.is_empty())
    std::fill_n(gradients.data(), state.gradient_weights + state.bias_count, 0.0f);
  if (layer.kind == Layer::kBlock) return backward_block(network, index, part, first, end);
  if (layer.kind == Layer::kConvolution && state.is_tiled)
    return backward_tiled_convolution(network, index, part, first, end);
  if (layer.kind == Layer::kConvolution) return backward_convolution(network, index, part, first, end);
  if (index == network.first_trained) return;
  const int below = network.states[index - 1].gradient_size, units = layer.in.size();
  float* to = network.gradient_of(index - 1, first);
  if (layer.kind == Layer::kDense)
    return matmul(end - first, layer.dense.units, units, network.gradient_of(index, first), {state.gradient_size, 1},
                  state.packed.data(), state.packed_row, to, below);
  for (int image = first; image < end; image++, to += below) {
    const float* d_out = network.gradient_of(index, image);
    if (layer.kind == Layer::kPool)
      pool_gradient(layer.pool, d_out, network.places_of(index, image), to);
    else if (layer.kind == Layer::kDropout)
      plain::dropout(layer.rate, keys[network.key_of(index)], static_cast<uint32_t>(image) * units, units, d_out, to);
    else
      std::copy_n(d_out, units, to);
  }
}

static inline void backward_activation(Network& network, size_t index, int image) {
  const Layer& layer = network.plan.layers[index];
  const int length = layer.out().row();
  float* gradient = network.gradient_of(index, image);
  for_each_output_row(network, index, image, [&](const float* row, int y) {
    activation_gradient(layer.activation, length, row, gradient + y * length);
  });
}

static inline void add_image_gradient_sums(Network& network, size_t index, int part, int image) {
  const ImageShape& in = network.plan.layers[index].in;
  NormalizationState& own = network.states[index].normalization;
  add_gradient_sums(in.height * in.width, in.channels, network.input_of(index, image), own.mean.data(),
                    own.inverse.data(), network.gradient_of(index, image), own.sums[part]);
}

static inline void backward_normalization(Network& network, size_t index, int image) {
  const ImageShape& in = network.plan.layers[index].in;
  LayerState& state = network.states[index];
  NormalizationState& own = state.normalization;
  normalization_gradient(in.height * in.width, in.channels, network.input_of(index, image), own.mean.data(),
                         own.inverse.data(), state.parameters.data(), own.d_mean.data(), own.d_spread.data(),
                         network.gradient_of(index, image), network.gradient_of(index - 1, image));
}

}  // namespace MNIST_ISA
}  // namespace mnist
