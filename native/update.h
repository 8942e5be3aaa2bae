// The end of a step: the gradients of the whole batch, Adam, and the weights' second copy.
#pragma once

#include "kernels/dense.h"
#include "network.h"
#include "plain.h"

namespace mnist {
namespace MNIST_ISA {

constexpr int kFiltersPerTask = 16, kRowsPerTask = 128;

// Filters of a convolution, input rows of a dense layer.
struct UpdateTask {
  size_t layer;
  int first, end;
};

static inline std::vector<UpdateTask> list_update_tasks(const Plan& plan) {
  std::vector<UpdateTask> tasks;
  for (size_t index = 0; index < plan.layers.size(); index++) {
    const int count = unit_count(plan.layers[index]);
    const int size = plan.layers[index].kind == Layer::kConv ? kFiltersPerTask : kRowsPerTask;
    for (int first = 0; first < count; first += size) tasks.push_back({index, first, std::min(first + size, count)});
  }
  return tasks;
}

static inline void apply_adam(const AdamStep& step, LayerState& state, int at, int count, const float* gradient) {
  plain::adam(step, count, gradient, state.parameters.data() + at, state.means.data() + at, state.squares.data() + at);
}

static inline void sum_parts(LayerState& state, int at, int count, float* to) {
  std::copy(state.part_gradients[0].data() + at, state.part_gradients[0].data() + at + count, to);
  for (int part = 1; part < kParts; part++) {
    const float* from = state.part_gradients[part].data() + at;
    for (int index = 0; index < count; index++) to[index] += from[index];
  }
}

// What lies between a kernel row's end and the next vector is no weight and must stay zero.
static inline void clear_row_ends(const ConvShape& s, float* gradient, int count) {
  if (s.row_taps() == row_floats(s)) return;
  for (int row = 0; row < count; row += row_floats(s))
    std::fill(gradient + row + s.row_taps(), gradient + row + row_floats(s), 0.0f);
}

static inline void update_conv(const ConvShape& s, LayerState& state, const UpdateTask& task, const AdamStep& step,
                               Floats& gradient) {
  const int at = task.first * filter_floats(s), count = (task.end - task.first) * filter_floats(s);
  gradient.reserve(count);
  sum_parts(state, at, count, gradient.data());
  clear_row_ends(s, gradient.data(), count);
  apply_adam(step, state, at, count, gradient.data());
  if (!s.bias) return;
  sum_parts(state, state.weight_count + task.first, task.end - task.first, gradient.data());
  apply_adam(step, state, state.weight_count + task.first, task.end - task.first, gradient.data());
}

static inline void update_dense(Network& network, const UpdateTask& task, const AdamStep& step, Floats& gradient) {
  LayerState& state = network.states[task.layer];
  const int rows = task.end - task.first, count = rows * state.row;
  gradient.reserve(count);
  // [rows][row] = inputs transposed [rows][batch] times gradients [batch][row]
  matmul(rows, network.batch, state.row, state.input.data() + task.first, {1, state.input_size}, state.gradient.data(),
         state.gradient_size, gradient.data(), state.row);
  apply_adam(step, state, task.first * state.row, count, gradient.data());
  if (task.first > 0 || !network.plan.layers[task.layer].dense.bias) return;
  std::fill(gradient.data(), gradient.data() + state.row, 0.0f);
  for (int image = 0; image < network.batch; image++)
    for (int unit = 0; unit < state.row; unit++) gradient.data()[unit] += network.gradient_of(task.layer, image)[unit];
  apply_adam(step, state, state.weight_count, state.row, gradient.data());
}

static inline void run_update(Network& network, const UpdateTask& task, const AdamStep& step) {
  thread_local Floats gradient;
  const Layer& layer = network.plan.layers[task.layer];
  LayerState& state = network.states[task.layer];
  if (layer.kind == Layer::kConv) update_conv(layer.conv, state, task, step, gradient);
  if (layer.kind == Layer::kDense) update_dense(network, task, step, gradient);
  pack(layer, state, task.first, task.end);
}

}  // namespace MNIST_ISA
}  // namespace mnist
