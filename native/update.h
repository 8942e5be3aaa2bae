// The end of a step: the gradients of the whole batch, the update, and the weights' second copy.
#pragma once

#include "kernels/dense.h"
#include "network.h"
#include "plain.h"

namespace mnist {
namespace MNIST_ISA {

constexpr int kFiltersPerTask = 16, kRowsPerTask = 128;
// Of a large dense layer: input rows that go through all of its backward pass together, and those of a task. Whole cache
// lines of the input gradient.
constexpr int kLargeRows = 12, kLargeRowsPerTask = 48, kLargeUnitsPerTask = 128;

// Filters of a block, input rows of a dense layer, rows of a convolution's kernel or its channels, or a normalization.
struct UpdateTask {
  size_t layer;
  int first, end;
};

// Those of large dense layers are updated in their backward pass.
static inline std::vector<UpdateTask> list_update_tasks(const Network& network) {
  std::vector<UpdateTask> tasks;
  for (size_t index = 0; index < network.states.size(); index++) {
    const Layer& layer = network.plan.layers[index];
    if (network.states[index].is_large) continue;
    const int count = unit_count(layer, network.states[index]);
    const ConvolutionShape& s = layer.convolution;
    const int size = layer.kind == Layer::kBlock         ? kFiltersPerTask
                     : layer.kind != Layer::kConvolution ? kRowsPerTask
                     : network.states[index].is_tiled     ? std::max(1, 8192 / (s.kernel * s.kernel * s.filters))
                                                         : std::max(1, 8192 / s.filters);
    for (int first = 0; first < count; first += size) tasks.push_back({index, first, std::min(first + size, count)});
  }
  return tasks;
}

static inline void apply(Method method, const UpdateStep& step, LayerState& state, int at, int count,
                         const float* gradient) {
  float* means = method == Method::kDescent ? nullptr : state.means.data() + at;
  float* squares = method == Method::kAdam ? state.squares.data() + at : nullptr;
  plain::update(method, step, count, gradient, state.parameters.data() + at, means, squares);
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

static inline void update_block(const ConvShape& s, LayerState& state, const UpdateTask& task, Method method,
                                const UpdateStep& step, Floats& gradient) {
  const int at = task.first * filter_floats(s), count = (task.end - task.first) * filter_floats(s);
  gradient.reserve(count);
  sum_parts(state, at, count, gradient.data());
  clear_row_ends(s, gradient.data(), count);
  apply(method, step, state, at, count, gradient.data());
  if (!s.bias) return;
  sum_parts(state, state.weight_count + task.first, task.end - task.first, gradient.data());
  apply(method, plain::without_decay(step), state, state.weight_count + task.first, task.end - task.first,
        gradient.data());
}

static inline void update_convolution(const ConvolutionShape& s, LayerState& state, const UpdateTask& task,
                                      Method method, const UpdateStep& step, Floats& gradient) {
  const int at = task.first * s.filters, count = (task.end - task.first) * s.filters;
  if (state.is_tiled) {
    const int taps = s.kernel * s.kernel;
    gradient.reserve(static_cast<size_t>(taps) * count);
    collect_kernel(s, task.first, task.end, state.part_gradients, gradient.data());
    for (int tap = 0; tap < taps; tap++)
      apply(method, step, state, tap * s.group_channels() * s.filters + at, count, gradient.data() + tap * count);
  } else {
    gradient.reserve(std::max(count, s.filters));
    sum_parts(state, at, count, gradient.data());
    apply(method, step, state, at, count, gradient.data());
  }
  if (!s.bias || task.first > 0) return;
  gradient.reserve(s.filters);
  sum_parts(state, state.gradient_weights, s.filters, gradient.data());
  apply(method, plain::without_decay(step), state, state.weight_count, s.filters, gradient.data());
}

static inline void update_dense_bias(Network& network, size_t index, int batch, Method method, const UpdateStep& step,
                                     Floats& gradient) {
  LayerState& state = network.states[index];
  gradient.reserve(state.row);
  std::fill(gradient.data(), gradient.data() + state.row, 0.0f);
  for (int image = 0; image < batch; image++)
    for (int unit = 0; unit < state.row; unit++) gradient.data()[unit] += network.gradient_of(index, image)[unit];
  apply(method, plain::without_decay(step), state, state.weight_count, state.row, gradient.data());
}

// Some input rows: their gradient is inputs transposed [rows][batch] times output gradients [batch][row].
static inline void update_dense_rows(Network& network, size_t index, int first, int end, int batch, Method method,
                                     const UpdateStep& step, Floats& gradient) {
  LayerState& state = network.states[index];
  const int rows = end - first, count = rows * state.row;
  gradient.reserve(count);
  matmul(rows, batch, state.row, state.input.data() + first, {1, state.input_size}, state.gradient.data(),
         state.gradient_size, gradient.data(), state.row);
  apply(method, step, state, first * state.row, count, gradient.data());
}

static inline void update_normalization(LayerState& state, Method method, const UpdateStep& step) {
  apply(method, plain::without_decay(step), state, 0, 2 * state.row, state.normalization.gradients.data());
}

static inline void run_update(Network& network, const UpdateTask& task, int batch, Method method,
                              const UpdateStep& step) {
  thread_local Floats gradient;
  const Layer& layer = network.plan.layers[task.layer];
  LayerState& state = network.states[task.layer];
  if (layer.kind == Layer::kBlock) update_block(layer.block, state, task, method, step, gradient);
  if (layer.kind == Layer::kConvolution) update_convolution(layer.convolution, state, task, method, step, gradient);
  if (layer.kind == Layer::kNormalization) update_normalization(state, method, step);
  if (layer.kind == Layer::kDense) {
    update_dense_rows(network, task.layer, task.first, task.end, batch, method, step, gradient);
    if (task.first == 0 && layer.dense.bias) update_dense_bias(network, task.layer, batch, method, step, gradient);
  }
  pack(layer, state, task.first, task.end);
}

// Some input rows of a large dense layer, [first, end): the gradient of what goes in, then the update. The weights come
// from memory once for both.
static inline void backward_large_dense(Network& network, size_t index, int first, int end, int batch, Method method,
                                        const UpdateStep& step) {
  thread_local Floats gradient;
  LayerState& state = network.states[index];
  for (int row = first; row < end; row += kLargeRows) {
    const int rows_end = std::min(row + kLargeRows, end);
    if (index > network.first_trained)
      matmul_transposed(batch, state.row, rows_end - row, state.gradient.data(), state.gradient_size,
                        state.parameters.data() + static_cast<size_t>(row) * state.row, state.row,
                        network.gradient_of(index - 1, 0) + row, network.states[index - 1].gradient_size);
    update_dense_rows(network, index, row, rows_end, batch, method, step, gradient);
  }
  if (first == 0 && network.plan.layers[index].dense.bias)
    update_dense_bias(network, index, batch, method, step, gradient);
}

}  // namespace MNIST_ISA
}  // namespace mnist
