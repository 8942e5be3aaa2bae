// From the gradients of some images' logits to those of everything before. The convolutions' parameters get theirs
// summed over the part of the batch; the dense layers' are left to the update.
#pragma once

#include "forward.h"
#include "kernels/conv_filter_gradient.h"
#include "kernels/conv_input_gradient.h"
#include "kernels/conv_input_sliding.h"
#include "kernels/conv_pixel_gradient.h"

namespace mnist {
namespace MNIST_ISA {

// ReLU's gradient, where dense layer `index` has one: none where it gave nothing.
static inline void backward_relu(Network& network, size_t index, int first, int end) {
  const Layer& layer = network.plan.layers[index];
  if (layer.kind != Layer::kDense || !layer.dense.relu) return;
  for (int image = first; image < end; image++) {
    const float* given = network.output_of(index, image);
    float* gradient = network.gradient_of(index, image);
    for (int unit = 0; unit < layer.dense.units; unit++)
      if (given[unit] <= 0) gradient[unit] = 0;
  }
}

// Dense layers and dropout, back to the last convolution or the first layer. `keys` ends with the last dropout's.
static inline void backward_dense(Network& network, int first, int end, const uint32_t* keys_end) {
  for (size_t index = network.states.size() - 1; index > 0 && index >= network.convolutions; index--) {
    const Layer& layer = network.plan.layers[index];
    LayerState &state = network.states[index], &below = network.states[index - 1];
    float* to = network.gradient_of(index - 1, first);
    if (layer.kind == Layer::kDense) {
      matmul(end - first, layer.dense.units, layer.dense.inputs, network.gradient_of(index, first),
             {state.gradient_size, 1}, state.packed.data(), state.packed_row, to, below.gradient_size);
    } else {
      --keys_end;
      for (int image = first; image < end; image++, to += below.gradient_size)
        plain::dropout(layer, *keys_end, image, network.gradient_of(index, image), to);
    }
    backward_relu(network, index - 1, first, end);
  }
}

// The input gradient of convolution `index`, whose border is dropped.
static inline void backward_input(Network& network, size_t index, int image, Scratch& scratch) {
  const ConvShape& s = network.plan.layers[index].conv;
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

static inline void backward_convolutions(Network& network, int part, int first, int end) {
  Scratch& scratch = network.scratches[part];
  for (size_t index = network.convolutions; index-- > 0;) {
    LayerState& state = network.states[index];
    float* gradients = state.part_gradients[part].data();
    std::fill(gradients, gradients + state.weight_count + state.bias_count, 0.0f);
    const ConvShape& s = network.plan.layers[index].conv;
    float* bias_gradients = gradients + state.weight_count;
    const bool is_pixels = fits_pixel_gradient(s);
    for (int image = first; image < end; image++) {
      const float *in = network.input_of(index, image), *d_out = network.gradient_of(index, image);
      const uint8_t* codes = network.codes_of(index, image);
      add_bias_gradients(s, d_out, codes, bias_gradients);
      if (!is_pixels || (index > 0 && !fits_sliding(s))) scratch.active.list(s, d_out, codes);
      if (is_pixels)
        conv_pixel_gradient(s, in, d_out, codes, scratch.ink, gradients);
      else
        conv_filter_gradient(s, in, scratch.active, gradients);
      if (index > 0) backward_input(network, index, image, scratch);
    }
  }
}

// Images from `first` up to `end`, which are `part` of the batch.
static inline void backward(Network& network, int part, int first, int end, const uint32_t* keys) {
  backward_dense(network, first, end, keys + network.plan.dropouts());
  backward_convolutions(network, part, first, end);
}

}  // namespace MNIST_ISA
}  // namespace mnist
