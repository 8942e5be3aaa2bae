// A plan with the memory of all its layers, for batches of one size.
#pragma once

#include <algorithm>

#include "kernels/active_filters.h"
#include "layer_state.h"

namespace mnist {
namespace MNIST_ISA {

// Memory that a part of a batch works with, beside that of the layers. A variable of each thread's own would cost a
// call wherever it is used.
struct Scratch {
  Ink ink;
  WinogradScratch winograd;
  ActiveCells active;
  std::vector<uint32_t> filters;  // that are active
  Floats border;  // an input gradient with its border
};

class Network {
 public:
  Network(const Plan& plan, int batch, bool trains) : plan(plan), batch(batch), states(plan.layers.size()) {
    for (size_t index = 0; index < states.size(); index++) prepare(plan.layers[index], states[index], batch, trains);
    while (convolutions < states.size() && plan.layers[convolutions].kind == Layer::kConv) convolutions++;
    logits_row = states.back().row;
    logits.resize(static_cast<size_t>(batch) * logits_row);
    if (trains) prepare_scratches();
  }

  bool fits(const Plan& other, int other_batch) const {
    if (batch != other_batch || plan.layers.size() != other.layers.size()) return false;
    if (plan.pixel_scale != other.pixel_scale || plan.pixel_offset != other.pixel_offset) return false;
    return std::equal(plan.layers.begin(), plan.layers.end(), other.layers.begin());
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
  void pack_all() {
    for (size_t index = 0; index < states.size(); index++)
      pack(plan.layers[index], states[index], 0, unit_count(plan.layers[index]));
  }

  // An image's place in a layer's input, output and output gradient.
  float* input_of(size_t layer, int image) { return at(states[layer].input, states[layer].input_size, image); }
  float* output_of(size_t layer, int image) {
    return layer + 1 < states.size() ? input_of(layer + 1, image) : logits_of(image);
  }
  int output_row(size_t layer) const { return layer + 1 < states.size() ? states[layer + 1].input_size : logits_row; }
  float* gradient_of(size_t layer, int image) { return at(states[layer].gradient, states[layer].gradient_size, image); }
  uint8_t* codes_of(size_t layer, int image) {
    return states[layer].codes.data() + static_cast<size_t>(image) * states[layer].gradient_size;
  }
  float* logits_of(int image) { return at(logits, logits_row, image); }

  const Plan plan;
  const int batch;
  std::vector<LayerState> states;
  size_t convolutions = 0;  // the first layers
  Floats logits;
  int logits_row;
  Scratch scratches[kParts];

 private:
  static float* at(Floats& floats, int size, int image) { return floats.data() + static_cast<size_t>(image) * size; }

  void prepare_scratches() {
    size_t border = 0;
    for (size_t index = 0; index < convolutions; index++) {
      const ConvShape& s = plan.layers[index].conv;
      border = std::max<size_t>(border, s.padded_height() * s.row_stride() + s.kernel * s.in_channels);
    }
    for (Scratch& scratch : scratches) scratch.border.resize(border);
  }
};

}  // namespace MNIST_ISA
}  // namespace mnist
