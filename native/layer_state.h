// A layer's memory, and how its parameters get from TensorFlow's layout into the kernels' and back.
#pragma once

#include "floats.h"
#include "kernels/conv_pool.h"
#include "kernels/conv_pool_winograd.h"
#include "kernels/patches.h"
#include "plan.h"

namespace mnist {
namespace MNIST_ISA {

constexpr int kParts = 4;  // of a batch

// The parameters lie as the kernels want them: a convolution's weights by filter, a dense layer's rows filled up to
// whole vectors; then the biases.
struct LayerState {
  int weight_count = 0, bias_count = 0;
  int row = 0;  // floats of a dense layer's row
  bool is_winograd = false, trains = false;  // which forward a convolution takes
  Floats parameters, means, squares;
  Floats packed;       // convolution: for the forward pass, blocked or transformed; dense: transposed, [units][inputs]
  int packed_row = 0;  // dense: floats of a row of `packed`
  Floats input;        // [batch] images, a convolution's with their border
  int input_size = 0;  // floats of an image there
  std::vector<uint8_t> codes;
  Floats gradient;        // of what it gives, before ReLU: dense [batch][row], convolution [batch][cells][filters]
  int gradient_size = 0;  // floats of an image there, and codes
  Floats part_gradients[kParts];  // convolution: parameters' gradients of each part
};

// Winograd's rounding grows with the channels, and where two sums of a window are nearly equal it moves the gradient:
// up to 16 channels the losses of the first 20 steps are as near to TensorFlow's as the direct sums', with 32 they are
// not.
constexpr int kMostTrainedChannels = 16;

static inline void prepare_conv(const ConvShape& s, LayerState& state, int batch, bool trains) {
  state.weight_count = static_cast<int>(by_filter_size(s));
  state.bias_count = s.filters;
  state.is_winograd = fits_winograd(s) && (!trains || s.in_channels <= kMostTrainedChannels);
  state.trains = trains;
  state.packed.resize(!state.is_winograd ? packed_conv_size(s)
                      : trains           ? winograd_weights_size<kToTrain>(s)
                                         : winograd_weights_size<kToPredict>(s));
  // Kernels read a vector past the end of an image, which no other thread may be writing.
  state.input_size = round_up(s.padded_height() * s.row_stride() + kLanes, 16);
  state.gradient_size = round_up(s.outputs() + kLanes, 16);
  state.codes.resize(static_cast<size_t>(batch) * state.gradient_size);
  for (Floats& gradients : state.part_gradients)
    if (trains) gradients.resize(state.weight_count + state.bias_count);
}

static inline void prepare_dense(const DenseShape& s, LayerState& state, bool trains) {
  state.row = round_up(s.units, kLanes);
  state.weight_count = s.inputs * state.row;
  state.bias_count = state.row;
  state.packed_row = round_up(s.inputs, kLanes);
  if (trains) state.packed.resize(static_cast<size_t>(s.units) * state.packed_row);
  state.input_size = s.inputs;
  state.gradient_size = state.row;
}

static inline void prepare(const Layer& layer, LayerState& state, int batch, bool trains) {
  if (layer.kind == Layer::kConv) prepare_conv(layer.conv, state, batch, trains);
  if (layer.kind == Layer::kDense) prepare_dense(layer.dense, state, trains);
  if (layer.kind == Layer::kDropout) state.input_size = state.gradient_size = state.row = layer.units;
  const size_t parameters = state.weight_count + state.bias_count;
  state.parameters.resize(parameters);
  state.input.resize(static_cast<size_t>(batch) * state.input_size);
  if (!trains) return;
  state.means.resize(parameters);
  state.squares.resize(parameters);
  state.gradient.resize(static_cast<size_t>(batch) * state.gradient_size);
}

// What updates and packing are split by: filters of a convolution, input rows of a dense layer.
static inline int unit_count(const Layer& layer) {
  return layer.kind == Layer::kConv ? layer.conv.filters : layer.kind == Layer::kDense ? layer.dense.inputs : 0;
}

// Calls copy(outside, inside) for each parameter, in TensorFlow's order. Gives the place outside behind the last.
template <typename Float, typename Copy>
static Float* copy_values(const Layer& layer, const LayerState& state, Float* outside, float* inside, const Copy& copy) {
  if (layer.kind == Layer::kConv) {
    const ConvShape& s = layer.conv;
    for (int tap = 0; tap < s.taps(); tap++)
      for (int filter = 0; filter < s.filters; filter++)
        copy(*outside++, inside[(filter * s.kernel + tap / s.row_taps()) * row_floats(s) + tap % s.row_taps()]);
    for (int filter = 0; s.bias && filter < s.filters; filter++) copy(*outside++, inside[state.weight_count + filter]);
  } else if (layer.kind == Layer::kDense) {
    const DenseShape& s = layer.dense;
    for (int input = 0; input < s.inputs; input++)
      for (int unit = 0; unit < s.units; unit++) copy(*outside++, inside[static_cast<size_t>(input) * state.row + unit]);
    for (int unit = 0; s.bias && unit < s.units; unit++) copy(*outside++, inside[state.weight_count + unit]);
  }
  return outside;
}

// Renews the second copy of the weights for some filters or input rows.
static inline void pack(const Layer& layer, LayerState& state, int first, int end) {
  const float* from = state.parameters.data();
  float* to = state.packed.data();
  if (layer.kind == Layer::kConv) {
    const ConvShape& s = layer.conv;
    const auto transform = state.trains ? transform_weights<kToTrain> : transform_weights<kToPredict>;
    for (int filter = first; state.is_winograd && filter < end; filter += kLanes) transform(s, filter, from, to);
    for (int filter = first; !state.is_winograd && filter < end; filter++) pack_filter(s, filter, from, to);
  } else if (layer.kind == Layer::kDense && !state.packed.is_empty()) {
    for (int unit = 0; unit < layer.dense.units; unit++)
      for (int input = first; input < end; input++)
        to[static_cast<size_t>(unit) * state.packed_row + input] = from[static_cast<size_t>(input) * state.row + unit];
  }
}

}  // namespace MNIST_ISA
}  // namespace mnist
