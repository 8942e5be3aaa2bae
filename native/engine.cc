// Whole steps of training, and prediction, out of the kernels. Compiled once for each instruction set.
//
// The images of a batch are split into a fixed number of parts, and sums over parts are taken in their order, so that
// the bits do not depend on the number of threads.
#include <algorithm>
#include <memory>
#include <mutex>

#include "kernels/adam.h"
#include "kernels/conv_gradient.h"
#include "kernels/conv_pool.h"
#include "kernels/dense.h"
#include "kernels/dropout.h"
#include "kernels/softmax.h"
#include "plan.h"

namespace mnist {
namespace MNIST_ISA {
namespace {

constexpr int kParts = 4;
constexpr int kSlack = 2 * kLanes;  // kernels may read a vector past an end
constexpr int kRowsPerTask = 128;
constexpr int kPredictBatch = 512, kPredictPart = 32;

// Floats that begin on a cache line and end with slack.
class Floats {
 public:
  void resize(size_t size) {
    values_.assign(size + kSlack + 16, 0.0f);
    data_ = values_.data();
    while (reinterpret_cast<uintptr_t>(data_) % 64 != 0) data_++;
  }
  // At least so many, whatever they hold.
  void reserve(size_t size) {
    if (values_.size() < size + kSlack + 16) resize(size);
  }
  float* data() { return data_; }
  bool is_empty() const { return values_.empty(); }

 private:
  std::vector<float> values_;
  float* data_ = nullptr;
};

// A layer's memory. The parameters lie as the kernels want them: a convolution's weights by filter, a dense layer's rows
// filled up to whole vectors.
struct LayerState {
  int weight_count, bias_count, row;  // row: floats of a dense layer's row
  Floats parameters, means, squares;
  Floats packed;      // convolution: for the forward pass; dense: transposed, [units][inputs]
  int packed_row;     // dense: floats of a row of `packed`
  Floats input;       // [batch] images, a convolution's with their border
  int input_size;     // floats of an image there
  std::vector<uint8_t> codes;
  Floats gradient;    // dense: [batch][row], of what it gives, before ReLU; convolution: [batch][cells * filters]
  int gradient_size;
  Floats part_gradients[kParts];  // convolution: parameters' gradients of each part
};

struct Scratch {
  std::vector<Term> terms;
  Floats border;  // an input gradient with its border
};

class Network {
 public:
  Network(const Plan& plan, int batch, bool trains) : plan_(plan), batch_(batch), states_(plan.layers.size()) {
    for (size_t index = 0; index < states_.size(); index++) prepare(plan.layers[index], states_[index], trains);
    logits_row_ = states_.back().row;
    logits_.resize(static_cast<size_t>(batch) * logits_row_);
    size_t terms = 0, border = 0;
    for (const Layer& layer : plan.layers) {
      if (layer.kind != Layer::kConv) continue;
      terms = std::max<size_t>(terms, std::max(layer.conv.cells(), 4 * layer.conv.filters) + 1);
      border = std::max<size_t>(border, layer.conv.padded_height() * layer.conv.row_stride());
    }
    if (!trains) return;
    for (Scratch& scratch : scratches_) {
      scratch.terms.resize(terms);
      scratch.border.resize(border);
    }
    list_update_tasks();
  }

  bool fits(const Plan& plan, int batch) const {
    if (batch != batch_ || plan.layers.size() != plan_.layers.size()) return false;
    if (plan.pixel_scale != plan_.pixel_scale || plan.pixel_offset != plan_.pixel_offset) return false;
    for (size_t index = 0; index < plan.layers.size(); index++) {
      const Layer &left = plan.layers[index], &right = plan_.layers[index];
      if (left.kind != right.kind) return false;
      if (left.kind == Layer::kConv && std::memcmp(&left.conv, &right.conv, sizeof(ConvShape)) != 0) return false;
      if (left.kind == Layer::kDense && std::memcmp(&left.dense, &right.dense, sizeof(DenseShape)) != 0) return false;
      if (left.kind == Layer::kDropout && (left.rate != right.rate || left.units != right.units)) return false;
    }
    return true;
  }

  // From TensorFlow's layout into the kernels', and back.
  void import_values(const float* from, Floats LayerState::* to) {
    copy_values(const_cast<float*>(from), to, [](float& outside, float& inside) { inside = outside; });
  }
  void export_values(float* to, Floats LayerState::* from) {
    copy_values(to, from, [](float& outside, float& inside) { outside = inside; });
  }
  void pack_all() {
    for (size_t index = 0; index < states_.size(); index++) pack(plan_.layers[index], states_[index], 0, unit_count(index));
  }

  // Logits of the images from `first` up to `end` of the batch; `image_of` gives an image's bytes, `keys` is nullptr
  // where dropout is off.
  template <typename ImageOf>
  void forward(int first, int end, const ImageOf& image_of, const uint32_t* keys) {
    for (int image = first; image < end; image++) forward_convolutions(image, image_of(image));
    int dropout_index = 0;
    for (size_t index = convolutions(); index < states_.size(); index++) {
      const Layer& layer = plan_.layers[index];
      LayerState& state = states_[index];
      const float* in = state.input.data() + static_cast<size_t>(first) * state.input_size;
      float* out = output_of(index) + static_cast<size_t>(first) * output_row(index);
      if (layer.kind == Layer::kDense) {
        forward_dense(layer.dense, state, end - first, in, out, output_row(index));
      } else {
        drop(layer, first, end, keys == nullptr ? nullptr : keys + dropout_index++, in, out, state.input_size);
      }
    }
  }

  float* logits() { return logits_.data(); }
  int logits_row() const { return logits_row_; }

  void train(const TrainJob& job) {
    import_values(job.weights, &LayerState::parameters);
    import_values(job.means, &LayerState::means);
    import_values(job.squares, &LayerState::squares);
    pack_all();
    std::vector<Loss> losses(batch_);
    for (int step = 0; step < job.steps; step++) {
      const int32_t* indices = job.indices + static_cast<size_t>(step) * batch_;
      const uint32_t* keys = job.keys + static_cast<size_t>(step) * plan_.dropouts();
      const std::function<void(int)> pass = [&](int part) {
        const int first = batch_ * part / kParts, end = batch_ * (part + 1) / kParts;
        forward(first, end, [&](int image) { return job.images + static_cast<size_t>(indices[image]) * plan_.image_bytes; },
                keys);
        for (int image = first; image < end; image++)
          losses[image] = softmax_cross_entropy(logits_.data() + static_cast<size_t>(image) * logits_row_,
                                                plan_.classes(), job.labels[indices[image]], batch_,
                                                states_.back().gradient.data() +
                                                    static_cast<size_t>(image) * states_.back().gradient_size);
        backward(part, first, end, keys);
      };
      job.threads->run(kParts, pass);
      const std::function<void(int)> update = [&](int task) { run_update(update_tasks_[task], job.adam[step]); };
      job.threads->run(static_cast<int>(update_tasks_.size()), update);
      double loss = 0;
      int correct = 0;
      for (const Loss& one : losses) {
        loss += one.loss;
        correct += one.is_correct;
      }
      job.losses[step] = static_cast<float>(loss / batch_);
      job.correct[step] = correct;
    }
    export_values(job.weights, &LayerState::parameters);
    export_values(job.means, &LayerState::means);
    export_values(job.squares, &LayerState::squares);
  }

 private:
  struct UpdateTask {
    int layer, first, end;  // filters of a convolution, input rows of a dense layer
  };

  void prepare(const Layer& layer, LayerState& state, bool trains) {
    if (layer.kind == Layer::kConv) {
      const ConvShape& s = layer.conv;
      state.weight_count = static_cast<int>(by_filter_size(s));
      state.bias_count = s.filters;
      state.packed.resize(packed_conv_size(s));
      state.input_size = round_up(s.padded_height() * s.row_stride(), 16);
      state.gradient_size = s.cells() * s.filters;
      state.codes.resize(static_cast<size_t>(batch_) * s.cells() * s.filters);
      for (Floats& gradients : state.part_gradients)
        if (trains) gradients.resize(state.weight_count + state.bias_count);
    } else if (layer.kind == Layer::kDense) {
      state.row = round_up(layer.dense.units, kLanes);
      state.weight_count = layer.dense.inputs * state.row;
      state.bias_count = state.row;
      state.packed_row = round_up(layer.dense.inputs, kLanes);
      if (trains) state.packed.resize(static_cast<size_t>(layer.dense.units) * state.packed_row);
      state.input_size = layer.dense.inputs;
      state.gradient_size = state.row;
    } else {
      state.weight_count = state.bias_count = 0;
      state.row = layer.units;
      state.input_size = layer.units;
      state.gradient_size = layer.units;
    }
    const size_t parameters = state.weight_count + state.bias_count;
    state.parameters.resize(parameters);
    state.input.resize(static_cast<size_t>(batch_) * state.input_size);
    if (!trains) return;
    state.means.resize(parameters);
    state.squares.resize(parameters);
    state.gradient.resize(static_cast<size_t>(batch_) * state.gradient_size);
  }

  size_t convolutions() const {
    size_t count = 0;
    while (count < plan_.layers.size() && plan_.layers[count].kind == Layer::kConv) count++;
    return count;
  }
  int unit_count(size_t index) const {
    const Layer& layer = plan_.layers[index];
    return layer.kind == Layer::kConv ? layer.conv.filters : layer.kind == Layer::kDense ? layer.dense.inputs : 0;
  }
  float* output_of(size_t index) { return index + 1 < states_.size() ? states_[index + 1].input.data() : logits_.data(); }
  int output_row(size_t index) const { return index + 1 < states_.size() ? states_[index + 1].input_size : logits_row_; }

  template <typename Copy>
  void copy_values(float* outside, Floats LayerState::* inside, const Copy& copy) {
    for (size_t index = 0; index < states_.size(); index++) {
      const Layer& layer = plan_.layers[index];
      LayerState& state = states_[index];
      float* values = (state.*inside).data();
      if (layer.kind == Layer::kConv) {
        const ConvShape& s = layer.conv;
        for (int tap = 0; tap < s.taps(); tap++)
          for (int filter = 0; filter < s.filters; filter++)
            copy(*outside++, values[(filter * s.kernel + tap / s.row_taps()) * row_floats(s) + tap % s.row_taps()]);
        for (int filter = 0; s.bias && filter < s.filters; filter++) copy(*outside++, values[state.weight_count + filter]);
      } else if (layer.kind == Layer::kDense) {
        for (int input = 0; input < layer.dense.inputs; input++)
          for (int unit = 0; unit < layer.dense.units; unit++)
            copy(*outside++, values[static_cast<size_t>(input) * state.row + unit]);
        for (int unit = 0; layer.dense.bias && unit < layer.dense.units; unit++)
          copy(*outside++, values[state.weight_count + unit]);
      }
    }
  }

  // Renews the second copy of the weights for some filters or input rows.
  void pack(const Layer& layer, LayerState& state, int first, int end) {
    const float* from = state.parameters.data();
    float* to = state.packed.data();
    if (layer.kind == Layer::kConv) {
      const ConvShape& s = layer.conv;
      for (int filter = first; filter < end; filter++) {
        float* column = to + static_cast<size_t>(filter / kBlock) * s.taps() * kBlock + filter % kBlock;
        for (int y = 0; y < s.kernel; y++)
          for (int tap = 0; tap < s.row_taps(); tap++, column += kBlock)
            *column = from[(filter * s.kernel + y) * row_floats(s) + tap];
      }
    } else if (layer.kind == Layer::kDense && !state.means.is_empty()) {
      for (int unit = 0; unit < layer.dense.units; unit++)
        for (int input = first; input < end; input++)
          to[static_cast<size_t>(unit) * state.packed_row + input] = from[static_cast<size_t>(input) * state.row + unit];
    }
  }

  void forward_convolutions(int image, const uint8_t* bytes) {
    fill_input(bytes, states_[0].input.data() + static_cast<size_t>(image) * states_[0].input_size);
    for (size_t index = 0; index < convolutions(); index++) {
      const ConvShape& s = plan_.layers[index].conv;
      LayerState& state = states_[index];
      float* out = output_of(index) + static_cast<size_t>(image) * output_row(index);
      int out_row_stride = s.out_width() * s.filters;
      if (index + 1 < convolutions()) {
        const ConvShape& next = plan_.layers[index + 1].conv;
        out_row_stride = next.row_stride();
        out += next.pad * (out_row_stride + next.in_channels);
      }
      conv_pool(s, state.input.data() + static_cast<size_t>(image) * state.input_size, state.packed.data(),
                state.parameters.data() + state.weight_count, out, out_row_stride,
                state.codes.data() + static_cast<size_t>(image) * s.cells() * s.filters);
    }
  }

  void fill_input(const uint8_t* bytes, float* to) {
    if (plan_.layers[0].kind != Layer::kConv) {
      for (int index = 0; index < plan_.image_bytes; index++) to[index] = bytes[index] * plan_.pixel_scale + plan_.pixel_offset;
      return;
    }
    const ConvShape& s = plan_.layers[0].conv;
    to += s.pad * (s.row_stride() + s.in_channels);
    for (int y = 0; y < s.in_height; y++, to += s.row_stride())
      for (int x = 0; x < s.in_width; x++) to[x] = *bytes++ * plan_.pixel_scale + plan_.pixel_offset;
  }

  void forward_dense(const DenseShape& shape, LayerState& state, int rows, const float* in, float* out, int out_row) {
    matmul(rows, shape.inputs, shape.units, in, {state.input_size, 1}, state.parameters.data(), state.row, out, out_row);
    const float* bias = state.parameters.data() + state.weight_count;
    for (int row = 0; row < rows; row++, out += out_row)
      for (int unit = 0; unit < shape.units; unit++) {
        const float value = out[unit] + bias[unit];
        out[unit] = shape.relu && !(value > 0) ? 0.0f : value;
      }
  }

  // Dropout of rows of values; with the mask of `key` where there is one, else as they are.
  void drop(const Layer& layer, int first, int end, const uint32_t* key, const float* in, float* out, int) {
    const size_t count = static_cast<size_t>(end - first) * layer.units;
    if (key == nullptr) {
      std::copy(in, in + count, out);
      return;
    }
    const uint32_t threshold = static_cast<uint32_t>(static_cast<double>(layer.rate) * 4294967296.0);
    const float scale = 1 / (1 - layer.rate);
    const uint32_t start = static_cast<uint32_t>(first) * layer.units;
    for (size_t index = 0; index < count; index++)
      out[index] = dropout(in[index], *key, start + static_cast<uint32_t>(index), threshold, scale);
  }

  void backward(int part, int first, int end, const uint32_t* keys) {
    int dropout_index = plan_.dropouts();
    for (size_t index = states_.size() - 1; index > 0; index--) {
      const Layer& layer = plan_.layers[index];
      LayerState &state = states_[index], &below = states_[index - 1];
      if (layer.kind == Layer::kConv) break;
      float* gradient = state.gradient.data() + static_cast<size_t>(first) * state.gradient_size;
      float* to = below.gradient.data() + static_cast<size_t>(first) * below.gradient_size;
      if (layer.kind == Layer::kDense) {
        matmul(end - first, layer.dense.units, layer.dense.inputs, gradient, {state.gradient_size, 1}, state.packed.data(),
               state.packed_row, to, below.gradient_size);
      } else {
        --dropout_index;
        for (int row = first; row < end; row++, gradient += state.gradient_size, to += below.gradient_size) {
          const uint32_t threshold = static_cast<uint32_t>(static_cast<double>(layer.rate) * 4294967296.0);
          const uint32_t start = static_cast<uint32_t>(row) * layer.units;
          for (int unit = 0; unit < layer.units; unit++)
            to[unit] = dropout(gradient[unit], keys[dropout_index], start + unit, threshold, 1 / (1 - layer.rate));
        }
        to = below.gradient.data() + static_cast<size_t>(first) * below.gradient_size;
      }
      if (plan_.layers[index - 1].kind == Layer::kDense && plan_.layers[index - 1].dense.relu) {
        const float* given = state.input.data() + static_cast<size_t>(first) * state.input_size;
        for (int row = first; row < end; row++, given += state.input_size, to += below.gradient_size)
          for (int unit = 0; unit < state.input_size; unit++)
            if (!(given[unit] > 0)) to[unit] = 0;
      }
    }
    backward_convolutions(part, first, end);
  }

  void backward_convolutions(int part, int first, int end) {
    Scratch& scratch = scratches_[part];
    for (size_t index = convolutions(); index-- > 0;) {
      const ConvShape& s = plan_.layers[index].conv;
      LayerState& state = states_[index];
      float* d_parameters = state.part_gradients[part].data();
      std::fill(d_parameters, d_parameters + state.weight_count + state.bias_count, 0.0f);
      for (int image = first; image < end; image++) {
        const float* gradient = state.gradient.data() + static_cast<size_t>(image) * state.gradient_size;
        const uint8_t* codes = state.codes.data() + static_cast<size_t>(image) * s.cells() * s.filters;
        conv_filter_gradient(s, state.input.data() + static_cast<size_t>(image) * state.input_size, gradient, codes,
                             d_parameters, d_parameters + state.weight_count, scratch.terms.data());
        if (index == 0) continue;
        float* border = scratch.border.data();
        std::fill(border, border + s.padded_height() * s.row_stride(), 0.0f);
        conv_input_gradient(s, state.parameters.data(), gradient, codes, border, scratch.terms.data());
        float* to = states_[index - 1].gradient.data() + static_cast<size_t>(image) * states_[index - 1].gradient_size;
        const float* inner = border + s.pad * (s.row_stride() + s.in_channels);
        for (int y = 0; y < s.in_height; y++, inner += s.row_stride(), to += s.in_width * s.in_channels)
          std::copy(inner, inner + s.in_width * s.in_channels, to);
      }
    }
  }

  void list_update_tasks() {
    for (size_t index = 0; index < states_.size(); index++) {
      const int size = plan_.layers[index].kind == Layer::kConv ? 8 : kRowsPerTask;
      for (int first = 0; first < unit_count(index); first += size)
        update_tasks_.push_back({static_cast<int>(index), first, std::min(first + size, unit_count(index))});
    }
  }

  void run_update(const UpdateTask& task, const AdamStep& step) {
    const Layer& layer = plan_.layers[task.layer];
    LayerState& state = states_[task.layer];
    thread_local Floats gradient;
    if (layer.kind == Layer::kConv) {
      const int filter_floats = layer.conv.kernel * row_floats(layer.conv);
      const int at = task.first * filter_floats, count = (task.end - task.first) * filter_floats;
      gradient.reserve(count);
      sum_parts(state, at, count, gradient.data());
      clear_row_ends(layer.conv, gradient.data(), count);
      apply(step, state, at, count, gradient.data());
      if (layer.conv.bias) {
        sum_parts(state, state.weight_count + task.first, task.end - task.first, gradient.data());
        apply(step, state, state.weight_count + task.first, task.end - task.first, gradient.data());
      }
    } else {
      const int rows = task.end - task.first, count = rows * state.row;
      gradient.reserve(count);
      // [rows][row] = inputs transposed [rows][batch] times gradients [batch][row]
      matmul(rows, batch_, state.row, state.input.data() + task.first, {1, state.input_size}, state.gradient.data(),
             state.gradient_size, gradient.data(), state.row);
      apply(step, state, task.first * state.row, count, gradient.data());
      if (task.first == 0 && layer.dense.bias) {
        std::fill(gradient.data(), gradient.data() + state.row, 0.0f);
        for (int image = 0; image < batch_; image++)
          for (int unit = 0; unit < state.row; unit++)
            gradient.data()[unit] += state.gradient.data()[static_cast<size_t>(image) * state.gradient_size + unit];
        apply(step, state, state.weight_count, state.row, gradient.data());
      }
    }
    pack(layer, state, task.first, task.end);
  }

  static void sum_parts(LayerState& state, int at, int count, float* to) {
    std::copy(state.part_gradients[0].data() + at, state.part_gradients[0].data() + at + count, to);
    for (int part = 1; part < kParts; part++) {
      const float* from = state.part_gradients[part].data() + at;
      for (int index = 0; index < count; index++) to[index] += from[index];
    }
  }

  // What lies between a kernel row's end and the next vector is no weight and must stay zero.
  static void clear_row_ends(const ConvShape& s, float* gradient, int count) {
    if (s.row_taps() == row_floats(s)) return;
    for (int row = 0; row < count; row += row_floats(s))
      std::fill(gradient + row + s.row_taps(), gradient + row + row_floats(s), 0.0f);
  }

  static void apply(const AdamStep& step, LayerState& state, int at, int count, const float* gradient) {
    adam(step, count, gradient, state.parameters.data() + at, state.means.data() + at, state.squares.data() + at);
  }

  Plan plan_;
  int batch_;
  std::vector<LayerState> states_;
  Floats logits_;
  int logits_row_;
  Scratch scratches_[kParts];
  std::vector<UpdateTask> update_tasks_;
};

// The memory of the last network is kept for the next call, which is nearly always about the same one.
Network& network_for(std::unique_ptr<Network>& kept, const Plan& plan, int batch, bool trains) {
  if (kept == nullptr || !kept->fits(plan, batch)) kept = std::make_unique<Network>(plan, batch, trains);
  return *kept;
}

std::mutex one_at_a_time;

void train(const TrainJob& job) {
  std::lock_guard<std::mutex> lock(one_at_a_time);
  static std::unique_ptr<Network> kept;
  network_for(kept, *job.plan, job.batch, true).train(job);
}

void predict(const PredictJob& job) {
  std::lock_guard<std::mutex> lock(one_at_a_time);
  static std::unique_ptr<Network> kept;
  Network& network = network_for(kept, *job.plan, kPredictBatch, false);
  network.import_values(job.weights, &LayerState::parameters);
  network.pack_all();
  const int classes = job.plan->classes();
  for (int start = 0; start < job.count; start += kPredictBatch) {
    const int count = std::min(kPredictBatch, job.count - start);
    const uint8_t* images = job.images + static_cast<size_t>(start) * job.plan->image_bytes;
    const std::function<void(int)> work = [&](int part) {
      network.forward(part * kPredictPart, std::min((part + 1) * kPredictPart, count),
                      [&](int image) { return images + static_cast<size_t>(image) * job.plan->image_bytes; }, nullptr);
    };
    job.threads->run((count + kPredictPart - 1) / kPredictPart, work);
    for (int image = 0; image < count; image++)
      std::copy_n(network.logits() + static_cast<size_t>(image) * network.logits_row(), classes,
                  job.logits + static_cast<size_t>(start + image) * classes);
  }
}

}  // namespace
}  // namespace MNIST_ISA

#if MNIST_LANES == 16
const Engine kAvx512Engine = {"avx512", avx512::train, avx512::predict};
#elif MNIST_LANES == 8
const Engine kAvx2Engine = {"avx2", avx2::train, avx2::predict};
#else
const Engine kPortableEngine = {"portable", portable::train, portable::predict};
#endif

}  // namespace mnist
