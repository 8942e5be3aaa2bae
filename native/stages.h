// What a training step does one after the other. Within a stage each part of the batch goes its own way; where one
// needs something of all others, as a normalization needs the mean of the whole batch, the next stage begins.
#pragma once

#include "network.h"

namespace mnist {
namespace MNIST_ISA {

// What is done with one layer, for one part of the batch.
struct Action {
  enum Kind {
    kFill,                   // bytes to pixels
    kForward,                // with the activation
    kStatistics,             // a normalization's sums
    kNormalize,              // with the activation
    kLoss,
    kActivationGradient,
    kBackward,
    kGradientSums,           // of a normalization
    kNormalizationGradient,
  };
  Kind kind;
  size_t layer;
};

struct Stage {
  std::vector<Action> actions;  // for each part
  // Instead of them, a large dense layer for the whole batch, forward or backward.
  enum Whole { kNone, kForward, kBackward };
  Whole whole = kNone;
  size_t layer = 0;
};

static inline std::vector<Stage> list_stages(const Network& network) {
  std::vector<Stage> stages;
  bool is_open = false;
  const auto act = [&](Action::Kind kind, size_t layer) {
    if (!is_open) stages.emplace_back();
    is_open = true;
    stages.back().actions.push_back({kind, layer});
  };
  const auto act_whole = [&](Stage::Whole whole, size_t layer) {
    stages.push_back({{}, whole, layer});
    is_open = false;
  };
  const std::vector<Layer>& layers = network.plan.layers;
  act(Action::kFill, 0);
  for (size_t index = 0; index < layers.size(); index++) {
    if (network.states[index].is_large) {
      act_whole(Stage::kForward, index);
    } else if (layers[index].kind == Layer::kNormalization) {
      act(Action::kStatistics, index);
      is_open = false;
      act(Action::kNormalize, index);
    } else {
      act(Action::kForward, index);
    }
  }
  act(Action::kLoss, layers.size() - 1);
  for (size_t index = layers.size(); index-- > network.first_trained;) {
    if (layers[index].activation != Activation::kNone) act(Action::kActivationGradient, index);
    if (network.states[index].is_large) {
      act_whole(Stage::kBackward, index);
    } else if (layers[index].kind == Layer::kNormalization) {
      act(Action::kGradientSums, index);
      is_open = false;
      if (index > network.first_trained) act(Action::kNormalizationGradient, index);
    } else {
      act(Action::kBackward, index);
    }
  }
  return stages;
}

}  // namespace MNIST_ISA
}  // namespace mnist
