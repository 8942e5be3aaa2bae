// A layer's memory, and how its parameters get from TensorFlow's layout into the kernels' and back.
#pragma once

#include <memory>

#include "floats.h"
#include "kernels/conv_pool.h"
#include "kernels/conv_pool_rows.h"
#include "kernels/conv_pool_tiles.h"
#include "kernels/conv_pool_winograd.h"
#include "kernels/convolution.h"
#include "kernels/convolution_winograd.h"
#include "kernels/normalization.h"
#include "kernels/patches.h"
#include "plan.h"

namespace mnist {
namespace MNIST_ISA {

constexpr int kParts = 4;  // of a batch

// What only a convolution has, and of it the forward sums a block that is computed by rows. Its parameters lie as
// TensorFlow has them; the kernels read them as panels.
struct ConvolutionState {
  PatchSums forward;
  PatchGradients patches;
  InputGradient backward;
  std::vector<int> order;      // of each weight of a filter, its row of the panels, or -1 where no pixel ever meets it
  std::vector<int> class_of;   // of each tap, its class in `backward`, or -1
  std::vector<int> place_of;   // and its place among the taps there
  std::vector<Floats> panels;  // of each class
  size_t group_panels = 0;     // floats of the forward panels of a group
};

// What a convolution has instead, also that of a block, whose tiles go through Winograd's algorithm. U lies in
// LayerState::packed.
struct TileState {
  explicit TileState(const ConvolutionShape& shape) : shape(shape), plan(shape) {}
  ConvolutionShape shape;
  TilePlan plan;
  Floats weights_back;  // U', where the input gradient goes this way
};

// What only a normalization has: sums over each part of the batch, and what the whole batch makes of them.
struct NormalizationState {
  ChannelSums sums[kParts];
  Floats mean, inverse;      // 1 over the standard deviation
  Floats d_mean, d_spread;   // means of the gradient, and of it times the normalized input
  Floats gradients;          // of scale and offset
};

// The parameters lie as the kernels want them: a block's weights by filter, a dense layer's rows filled up to whole
// vectors; then the biases.
struct LayerState {
  Frame frame;  // of the input
  int weight_count = 0, bias_count = 0;
  int row = 0;  // floats of a dense layer's row, or of each of a normalization's four
  bool trains = false;
  bool is_winograd = false, is_by_rows = false;  // which forward a block takes
  bool is_tiled = false;  // the forward of a convolution, or of a block, by `tiled`
  bool is_large = false;  // a dense layer that all threads share
  Floats parameters, means, squares;
  Floats packed;       // for the forward pass, blocked or transformed; of a small dense layer transposed, [units][inputs]
  int packed_row = 0;  // dense: floats of a row of `packed`
  ConvolutionState convolution;
  std::unique_ptr<TileState> tiled;
  NormalizationState normalization;
  Floats input;        // [batch] images in their frames
  int input_size = 0;  // floats of an image there
  std::vector<uint8_t> codes;   // of a block
  std::vector<int32_t> places;  // of a maximum pool
  Floats gradient;        // of what the layer gives; of a block before its ReLU
  int gradient_size = 0;  // floats of an image there, codes and places
  int gradient_weights = 0;       // floats of the gradient of the weights there; at the points where is_tiled
  Floats part_gradients[kParts];  // of a convolution's parameters, of each part
};

// Blocks with more channels than this train by conv_pool_tiles.h, whose products take several images at once.
constexpr int kMostTrainedChannels = 16;

// From so many weights on, a dense layer is worth waking all threads for: together they go through its weights once.
constexpr int kLargeDense = 1 << 17;

// The border that a layer's input needs.
static inline Frame frame_of(const Layer& layer) {
  if (layer.kind == Layer::kConvolution) return convolution_frame(layer.convolution);
  Frame frame = without_border(layer.in);
  if (layer.kind != Layer::kBlock) return frame;
  frame.top = frame.left = layer.block.pad;
  frame.height = layer.block.padded_height();
  frame.width = layer.block.padded_width();
  return frame;
}

static inline void prepare_block(const ConvShape& s, LayerState& state, bool trains) {
  state.weight_count = static_cast<int>(by_filter_size(s));
  state.bias_count = s.filters;
  state.is_winograd = fits_winograd(s) && (!trains || s.in_channels <= kMostTrainedChannels);
  state.is_tiled = !state.is_winograd && fits_pool_tiles(s);
  state.is_by_rows = !state.is_winograd && !state.is_tiled && !fits_pixels(s) && fits_rows(s);
  if (state.is_tiled || (trains && fits_tile_gradient(s))) state.tiled = std::make_unique<TileState>(convolution_of(s));
  if (trains && fits_tile_gradient(s)) state.tiled->weights_back.resize(tile_weights_back_size(state.tiled->shape));
  if (state.is_by_rows) state.convolution.forward = rows_sums(s);
  state.packed.resize(state.is_by_rows     ? panels_size(s.taps(), s.filters)
                      : state.is_tiled     ? tile_weights_size(state.tiled->shape)
                      : !state.is_winograd ? packed_conv_size(s)
                      : trains             ? winograd_weights_size<kToTrain>(s)
                                           : winograd_weights_size<kToPredict>(s));
}

static inline void prepare_dense(const DenseShape& s, LayerState& state, bool trains) {
  state.row = round_up(s.units, kLanes);
  state.weight_count = s.inputs * state.row;
  state.bias_count = state.row;
  state.packed_row = round_up(s.inputs, kLanes);
  state.is_large = s.weights() >= kLargeDense;
  if (trains && !state.is_large) state.packed.resize(static_cast<size_t>(s.units) * state.packed_row);
}

static inline void prepare_tiles(const ConvolutionShape& s, LayerState& state, bool trains) {
  state.is_tiled = true;
  state.tiled = std::make_unique<TileState>(s);
  state.packed.resize(tile_weights_size(s));
  if (trains) state.tiled->weights_back.resize(tile_weights_back_size(s));
}

static inline void prepare_patches(const ConvolutionShape& s, LayerState& state, const Frame& out, bool trains) {
  ConvolutionState& own = state.convolution;
  own.forward = forward_sums(s, state.frame, out);
  own.patches = gradient_patches(s, state.frame);
  own.order.assign(s.depth(), -1);
  for (size_t at = 0; at < own.patches.rows.size(); at++) own.order[own.patches.rows[at]] = static_cast<int>(at);
  own.group_panels = panels_size(own.forward.depth, s.group_filters());
  state.packed.resize(own.group_panels * s.groups);
  if (!trains) return;
  own.backward = input_gradient(s);
  own.class_of.assign(s.kernel * s.kernel, -1);
  own.place_of.assign(s.kernel * s.kernel, -1);
  for (size_t index = 0; index < own.backward.classes.size(); index++) {
    const InputClass& each = own.backward.classes[index];
    for (size_t at = 0; at < each.taps.size(); at++) {
      own.class_of[each.taps[at]] = static_cast<int>(index);
      own.place_of[each.taps[at]] = static_cast<int>(at);
    }
    own.panels.emplace_back();
    own.panels.back().resize(panels_size(each.sums.depth, s.group_channels()) * s.groups);
  }
}

static inline void prepare_convolution(const ConvolutionShape& s, LayerState& state, const Frame& out, bool trains) {
  state.weight_count = s.weights();
  state.bias_count = s.filters;
  if (fits_tiles(s)) prepare_tiles(s, state, trains);
  else prepare_patches(s, state, out, trains);
}

static inline void prepare_normalization(int channels, LayerState& state) {
  NormalizationState& own = state.normalization;
  state.row = round_up(channels, kLanes);
  state.weight_count = 4 * state.row;
  for (Floats* floats : {&own.mean, &own.inverse, &own.d_mean, &own.d_spread}) floats->resize(state.row);
  own.gradients.resize(2 * state.row);
}

// `out` is how what the layer gives lies in memory.
static inline void prepare(const Layer& layer, LayerState& state, const Frame& out, bool trains) {
  state.trains = trains;
  if (layer.kind == Layer::kBlock) prepare_block(layer.block, state, trains);
  if (layer.kind == Layer::kDense) prepare_dense(layer.dense, state, trains);
  if (layer.kind == Layer::kConvolution) prepare_convolution(layer.convolution, state, out, trains);
  if (layer.kind == Layer::kNormalization) prepare_normalization(layer.in.channels, state);
  // Kernels read a vector past the end of an image, which no other thread may be writing.
  state.input_size = round_up(state.frame.size() + kLanes, 16);
  state.gradient_size = round_up(layer.out().size() + kLanes, 16);
  state.parameters.resize(state.weight_count + state.bias_count);
  const bool has_parts = layer.kind == Layer::kBlock || layer.kind == Layer::kConvolution;
  const bool is_at_points = layer.kind == Layer::kConvolution && state.is_tiled;
  state.gradient_weights = is_at_points ? static_cast<int>(tile_weights_size(layer.convolution)) : state.weight_count;
  for (Floats& gradients : state.part_gradients)
    if (trains && has_parts) gradients.resize(state.gradient_weights + state.bias_count);
}

// Memory for what the method remembers.
static inline void prepare_memory(LayerState& state, Method method) {
  const size_t parameters = state.weight_count + state.bias_count;
  if (method != Method::kDescent) state.means.resize(parameters);
  if (method == Method::kAdam) state.squares.resize(parameters);
}

// Memory for a batch.
static inline void prepare_batch(const Layer& layer, LayerState& state, size_t batch) {
  state.input.resize(batch * state.input_size);
  if (layer.kind == Layer::kBlock) state.codes.resize(batch * state.gradient_size);
  if (layer.kind == Layer::kPool) state.places.resize(batch * state.gradient_size);
  if (state.trains) state.gradient.resize(batch * state.gradient_size);
}

// What updates and packing are split by: filters of a block, input rows of a dense layer, weights of one filter of a
// convolution or, if it is tiled, channels of a group, and a normalization as a whole.
static inline int unit_count(const Layer& layer, const LayerState& state) {
  switch (layer.kind) {
    case Layer::kBlock: return layer.block.filters;
    case Layer::kDense: return layer.dense.inputs;
    case Layer::kConvolution:
      return state.is_tiled ? layer.convolution.group_channels() : layer.convolution.depth();
    case Layer::kNormalization: return 1;
    default: return 0;
  }
}

// Calls copy(outside, inside) for each parameter, in TensorFlow's order. Gives the place outside behind the last.
template <typename Float, typename Copy>
static Float* copy_values(const Layer& layer, const LayerState& state, Float* outside, float* inside, const Copy& copy) {
  const auto copy_row = [&](int at, int count) {
    for (int index = 0; index < count; index++) copy(*outside++, inside[at + index]);
  };
  if (layer.kind == Layer::kBlock) {
    const ConvShape& s = layer.block;
    for (int tap = 0; tap < s.taps(); tap++)
      for (int filter = 0; filter < s.filters; filter++)
        copy(*outside++, inside[(filter * s.kernel + tap / s.row_taps()) * row_floats(s) + tap % s.row_taps()]);
    if (s.bias) copy_row(state.weight_count, s.filters);
  } else if (layer.kind == Layer::kDense) {
    const DenseShape& s = layer.dense;
    for (int input = 0; input < s.inputs; input++) copy_row(input * state.row, s.units);
    if (s.bias) copy_row(state.weight_count, s.units);
  } else if (layer.kind == Layer::kConvolution) {
    copy_row(0, layer.convolution.parameters());
  } else if (layer.kind == Layer::kNormalization) {
    for (int array = 0; array < 4; array++) copy_row(array * state.row, layer.in.channels);
  }
  return outside;
}

// The weights of some rows of a convolution's filters into its panels, for the forward pass and for the input gradient.
static inline void pack_convolution(const ConvolutionShape& s, LayerState& state, int first, int end) {
  ConvolutionState& own = state.convolution;
  const int group_filters = s.group_filters(), group_channels = s.group_channels();
  for (int row = first; row < end; row++) {
    if (own.order[row] < 0) continue;
    const int tap = row / group_channels, channel = row % group_channels;
    const int class_index = own.class_of.empty() ? -1 : own.class_of[tap];
    for (int group = 0; group < s.groups; group++) {
      const float* from = state.parameters.data() + static_cast<size_t>(row) * s.filters + group * group_filters;
      float* to = state.packed.data() + own.group_panels * group;
      for (int filter = 0; filter < group_filters; filter += kPanel)
        std::copy_n(from + filter, std::min(kPanel, group_filters - filter),
                    to + panel_place(own.forward.depth, group_filters, own.order[row], filter));
      if (class_index < 0) continue;
      const int depth = own.backward.classes[class_index].sums.depth;
      float* back = own.panels[class_index].data() + panels_size(depth, group_channels) * group +
                    panel_place(depth, group_channels, own.place_of[tap] * group_filters, channel);
      const int width = panel_width(group_channels, channel / kPanel * kPanel);
      for (int filter = 0; filter < group_filters; filter++) back[static_cast<size_t>(filter) * width] = from[filter];
    }
  }
}

// Renews the second copy of the weights for some filters or rows.
static inline void pack(const Layer& layer, LayerState& state, int first, int end) {
  const float* from = state.parameters.data();
  float* to = state.packed.data();
  float* back = state.tiled && !state.tiled->weights_back.is_empty() ? state.tiled->weights_back.data() : nullptr;
  if (layer.kind == Layer::kBlock) {
    const ConvShape& s = layer.block;
    const auto transform = state.trains ? transform_weights<kToTrain> : transform_weights<kToPredict>;
    for (int filter = first; state.is_winograd && filter < end; filter += kLanes) transform(s, filter, from, to);
    const auto pack_one = state.is_by_rows ? pack_filter_panel : pack_filter;
    for (int filter = first; !state.is_winograd && !state.is_tiled && filter < end; filter++) pack_one(s, filter, from, to);
    for (int filter = first; state.tiled && filter < end; filter++)
      transform_filter(s, filter, from, state.is_tiled ? to : nullptr, back);
  } else if (layer.kind == Layer::kDense && !state.packed.is_empty()) {
    for (int unit = 0; unit < layer.dense.units; unit++)
      for (int input = first; input < end; input++)
        to[static_cast<size_t>(unit) * state.packed_row + input] = from[static_cast<size_t>(input) * state.row + unit];
  } else if (layer.kind == Layer::kConvolution && state.is_tiled) {
    transform_kernel(layer.convolution, first, end, from, to, back);
  } else if (layer.kind == Layer::kConvolution) {
    pack_convolution(layer.convolution, state, first, end);
  }
}

}  // namespace MNIST_ISA
}  // namespace mnist
