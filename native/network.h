// A plan with the memory of all its layers.
#pragma once

#include <algorithm>
#include <cmath>

#include "kernels/active_filters.h"
#include "layer_state.h"

namespace mnist {
namespace MNIST_ISA {

// Memory that a part of a batch works with, beside that of the layers. A variable of each thread's own would cost a
// call wherever it is used.
struct Scratch {
  Ink ink;
  WinogradScratch winograd;
  TileScratch tiles;
  ActiveCells active;
  std::vector<uint32_t> filters;  // that are active
  Floats border;  // a gradient with its border
  Floats rows;    // of a block's convolution, or all of some images
};

class Network {
 public:
  Network(const Plan& plan, bool trains) : plan(plan), trains(trains), states(plan.layers.size()) {
    for (size_t index = 0; index < states.size(); index++) states[index].frame = frame_of(plan.layers[index]);
    for (size_t index = 0; index < states.size(); index++)
      prepare(plan.layers[index], states[index], output_frame(index), trains);
    logits_row = round_up(plan.classes() + kLanes, 16);
    while (first_trained + 1 < states.size() && plan.layers[first_trained].parameters() == 0) first_trained++;
    if (trains) prepare_scratches();
  }

  void prepare_method(Method method) {
    for (LayerState& state : states) prepare_memory(state, method);
  }
  // Makes room for so many images.
  void reserve_batch(int batch) {
    if (batch <= capacity) return;
    capacity = batch;
    for (size_t index = 0; index < states.size(); index++) prepare_batch(plan.layers[index], states[index], batch);
    logits.resize(static_cast<size_t>(batch) * logits_row);
  }

  // From TensorFlow's layout into the kernels', and back.
  void import_values(const float* from, Floats LayerState::* to) {
    for (size_t index = 0; index < states.size(); index++)
      from = copy_values(plan.layers[index], states[index], from, (states[index].*to).data(),
                         [](const float& outside, float& inside) { inside = outside; });
  }
  void export_values(float* to, Floats LayerState::* from) {
    for (size_t index = 0; index < states.size(); index++)
      to = copy_values(plan.layers[index], states[index], to, (states[index].*from).data(),
                       [](float& outside, const float& inside) { outside = inside; });
  }
  // After the weights changed as a whole.
  void pack_all() {
    for (size_t index = 0; index < states.size(); index++) {
      pack(plan.layers[index], states[index], 0, unit_count(plan.layers[index], states[index]));
      if (!trains && plan.layers[index].kind == Layer::kNormalization) use_running_statistics(index);
    }
  }

  // Whether images go through a layer forward one by one, or some of them together.
  bool is_by_image(size_t layer) const { return plan.layers[layer].kind != Layer::kDense && !states[layer].is_tiled; }

  // What of each image a layer gives, and where it lies: the frame of the next layer, or the logits.
  Frame output_frame(size_t layer) const {
    const Frame own = without_border(plan.layers[layer].out());
    // Behind a flatten there are no rows.
    return layer + 1 < states.size() && states[layer + 1].frame.image == own.image ? states[layer + 1].frame : own;
  }
  float* input_of(size_t layer, int image) { return at(states[layer].input, states[layer].input_size, image); }
  float* output_of(size_t layer, int image) {
    return layer + 1 < states.size() ? input_of(layer + 1, image) : logits_of(image);
  }
  int output_size(size_t layer) const { return layer + 1 < states.size() ? states[layer + 1].input_size : logits_row; }
  float* gradient_of(size_t layer, int image) { return at(states[layer].gradient, states[layer].gradient_size, image); }
  uint8_t* codes_of(size_t layer, int image) {
    return states[layer].codes.data() + static_cast<size_t>(image) * states[layer].gradient_size;
  }
  int32_t* places_of(size_t layer, int image) {
    return states[layer].places.data() + static_cast<size_t>(image) * states[layer].gradient_size;
  }
  float* logits_of(int image) { return at(logits, logits_row, image); }

  // The dropout key of a layer among a step's.
  int key_of(size_t layer) const {
    int before = 0;
    for (size_t index = 0; index < layer; index++) before += plan.layers[index].kind == Layer::kDropout;
    return before;
  }

  void clear_sums(size_t layer) {
    for (ChannelSums& sums : states[layer].normalization.sums) sums.clear(plan.layers[layer].in.channels);
  }
  // A normalization's mean and spread from the sums of all parts, taken in their order, of `batch` images.
  void finish_statistics(size_t layer, int batch) {
    NormalizationState& own = states[layer].normalization;
    const int channels = plan.layers[layer].in.channels, row = states[layer].row;
    const double count = static_cast<double>(batch) * plan.layers[layer].in.size() / channels;
    float* running = states[layer].parameters.data() + 2 * row;
    const ChannelSums sums = sum_parts(own, channels);
    for (int channel = 0; channel < channels; channel++) {
      const double mean = sums.first[channel] / count;
      const double variance = std::max(0.0, sums.second[channel] / count - mean * mean);
      own.mean.data()[channel] = static_cast<float>(mean);
      own.inverse.data()[channel] = static_cast<float>(1 / std::sqrt(variance + kNormalizationEpsilon));
      running[channel] -= (running[channel] - static_cast<float>(mean)) * kNormalizationDecay;
      running[row + channel] -= (running[row + channel] - static_cast<float>(variance)) * kNormalizationDecay;
    }
  }
  void finish_gradient_sums(size_t layer, int batch) {
    NormalizationState& own = states[layer].normalization;
    const int channels = plan.layers[layer].in.channels, row = states[layer].row;
    const double count = static_cast<double>(batch) * plan.layers[layer].in.size() / channels;
    const ChannelSums sums = sum_parts(own, channels);
    for (int channel = 0; channel < channels; channel++) {
      own.gradients.data()[channel] = static_cast<float>(sums.second[channel]);
      own.gradients.data()[row + channel] = static_cast<float>(sums.first[channel]);
      own.d_mean.data()[channel] = static_cast<float>(sums.first[channel] / count);
      own.d_spread.data()[channel] = static_cast<float>(sums.second[channel] / count);
    }
  }

  const Plan plan;
  const bool trains;
  std::vector<LayerState> states;
  size_t first_trained = 0;  // the first layer with parameters: nothing before it wants a gradient
  int capacity = 0;          // images there is room for
  Floats logits;
  int logits_row;
  Scratch scratches[kParts];

 private:
  static float* at(Floats& floats, int size, int image) { return floats.data() + static_cast<size_t>(image) * size; }

  static ChannelSums sum_parts(const NormalizationState& own, int channels) {
    ChannelSums sums;
    sums.clear(channels);
    for (const ChannelSums& part : own.sums) sums.add(part);
    return sums;
  }

  void use_running_statistics(size_t layer) {
    NormalizationState& own = states[layer].normalization;
    const int row = states[layer].row;
    const float* running = states[layer].parameters.data() + 2 * row;
    for (int channel = 0; channel < plan.layers[layer].in.channels; channel++) {
      own.mean.data()[channel] = running[channel];
      own.inverse.data()[channel] = 1 / std::sqrt(running[row + channel] + kNormalizationEpsilon);
    }
  }

  void prepare_scratches() {
    size_t border = 0;
    for (size_t index = 0; index < states.size(); index++) {
      const ConvShape& s = plan.layers[index].block;
      if (plan.layers[index].kind == Layer::kBlock)
        border = std::max<size_t>(border, s.padded_height() * s.row_stride() + s.kernel * s.in_channels);
      if (plan.layers[index].kind == Layer::kConvolution && !states[index].is_tiled)
        border = std::max<size_t>(border, states[index].convolution.backward.frame.size());
    }
    for (Scratch& scratch : scratches) scratch.border.resize(border);
  }
};

}  // namespace MNIST_ISA
}  // namespace mnist
