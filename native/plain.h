// Training in plain loops, from the bytes of the images to Adam. Read this file first. Each faster version in kernels/
// names the function here that it computes and says how much faster it is, and the tests compare the two. Softmax,
// dropout and Adam have no faster version: the engine calls these.
//
// Everything here works on one image; a batch's gradients are the sums over its images. Brackets give the shape of an
// array, whose last axis is contiguous, and all arrays have TensorFlow's layout:
//
//   H, W, C  height, width and channels of a convolution's input, its border of zeros included
//   K, F     size of the kernel (K x K) and number of filters
//   cells    windows of 2 x 2 positions, each of which max-pooling reduces to one output (row by row, ConvShape::cells)
//   I, U, N  inputs and units of a dense layer, and classes
//
// A name that begins with d_ is the gradient of the loss with respect to the rest of the name.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "plan.h"

namespace mnist {
namespace plain {

// ---- Convolution, bias, ReLU and 2 x 2 max-pooling

// One value of the convolution: the patch [K, K, C] of the image that begins at `patch`, times one filter.
static inline float conv_sum(const ConvShape& s, const float* patch, const float* weights, int filter) {
  float sum = 0;
  for (int row = 0; row < s.kernel; row++)
    for (int tap = 0; tap < s.row_taps(); tap++)  // columns and channels: [K, C] is contiguous
      sum += patch[row * s.row_stride() + tap] * weights[(row * s.row_taps() + tap) * s.filters + filter];
  return sum;
}

// in [H, W, C], weights [K, K, C, F], bias [F] -> out [cells, F], codes [cells, F]. A code says which of the four
// positions held the maximum (the first of equal ones), or kInactive where ReLU let nothing through.
static inline void conv_pool(const ConvShape& s, const float* in, const float* weights, const float* bias, float* out,
                             uint8_t* codes) {
  for (int cell = 0; cell < s.cells(); cell++)
    for (int filter = 0; filter < s.filters; filter++) {
      float best = conv_sum(s, in + s.patch_of(cell, 0), weights, filter);
      uint8_t best_code = 0;
      for (uint8_t code = 1; code < 4; code++) {
        const float sum = conv_sum(s, in + s.patch_of(cell, code), weights, filter);
        if (sum > best) best = sum, best_code = code;
      }
      if (s.bias) best += bias[filter];
      const bool is_inactive = s.relu && best <= 0;
      out[cell * s.filters + filter] = is_inactive ? 0 : best;
      codes[cell * s.filters + filter] = is_inactive ? kInactive : best_code;
    }
}

// in [H, W, C], d_out [cells, F], codes [cells, F] -> d_weights [K, K, C, F], d_bias [F], added to what is there. Only
// the position that held the maximum has a gradient, and only where ReLU let it through.
static inline void conv_filter_gradient(const ConvShape& s, const float* in, const float* d_out, const uint8_t* codes,
                                        float* d_weights, float* d_bias) {
  for (int cell = 0; cell < s.cells(); cell++)
    for (int filter = 0; filter < s.filters; filter++) {
      const int at = cell * s.filters + filter;
      if (codes[at] == kInactive) continue;
      const float* patch = in + s.patch_of(cell, codes[at]);
      d_bias[filter] += d_out[at];
      for (int row = 0; row < s.kernel; row++)
        for (int tap = 0; tap < s.row_taps(); tap++)
          d_weights[(row * s.row_taps() + tap) * s.filters + filter] += d_out[at] * patch[row * s.row_stride() + tap];
    }
}

// weights [K, K, C, F], d_out [cells, F], codes [cells, F] -> d_in [H, W, C], added to what is there.
static inline void conv_input_gradient(const ConvShape& s, const float* weights, const float* d_out,
                                       const uint8_t* codes, float* d_in) {
  for (int cell = 0; cell < s.cells(); cell++)
    for (int filter = 0; filter < s.filters; filter++) {
      const int at = cell * s.filters + filter;
      if (codes[at] == kInactive) continue;
      float* patch = d_in + s.patch_of(cell, codes[at]);
      for (int row = 0; row < s.kernel; row++)
        for (int tap = 0; tap < s.row_taps(); tap++)
          patch[row * s.row_stride() + tap] += d_out[at] * weights[(row * s.row_taps() + tap) * s.filters + filter];
    }
}

// ---- Dense layer, with ReLU or without

// in [I], weights [I, U], bias [U] -> out [U].
static inline void dense(const DenseShape& s, const float* in, const float* weights, const float* bias, float* out) {
  for (int unit = 0; unit < s.units; unit++) {
    float sum = 0;
    for (int input = 0; input < s.inputs; input++) sum += in[input] * weights[input * s.units + unit];
    if (s.bias) sum += bias[unit];
    out[unit] = s.relu && sum <= 0 ? 0 : sum;
  }
}

// in [I], weights [I, U], out [U], d_out [U] -> d_weights [I, U], d_bias [U], d_in [I], added to what is there.
static inline void dense_gradients(const DenseShape& s, const float* in, const float* weights, const float* out,
                                   const float* d_out, float* d_weights, float* d_bias, float* d_in) {
  for (int unit = 0; unit < s.units; unit++) {
    if (s.relu && out[unit] <= 0) continue;
    for (int input = 0; input < s.inputs; input++) {
      d_weights[input * s.units + unit] += in[input] * d_out[unit];
      d_in[input] += weights[input * s.units + unit] * d_out[unit];
    }
    if (s.bias) d_bias[unit] += d_out[unit];
  }
}

// ---- Dropout

// A random number for each counter: Appleby's MurmurHash3 finalizer over a Weyl sequence.
static inline uint32_t counter_random(uint32_t key, uint32_t counter) {
  uint32_t value = key + counter * 0x9e3779b9u;
  value = (value ^ (value >> 16)) * 0x85ebca6bu;
  value = (value ^ (value >> 13)) * 0xc2b2ae35u;
  return value ^ (value >> 16);
}

// in [U] -> out [U], for one image of the batch; backward does the same from d_out to d_in. Units that are kept are
// scaled so that the expected value stays the same. Whether a unit is dropped depends only on the key and on the unit's
// number in the batch, so that TypeScript (src/core/counter.ts) and any number of threads draw the same mask.
static inline void dropout(const Layer& layer, uint32_t key, int image, const float* in, float* out) {
  const uint32_t threshold = static_cast<uint32_t>(static_cast<double>(layer.rate) * 4294967296.0);
  const uint32_t first = static_cast<uint32_t>(image) * layer.units;
  const float scale = 1 / (1 - layer.rate);
  for (int unit = 0; unit < layer.units; unit++)
    out[unit] = counter_random(key, first + unit) < threshold ? 0.0f : in[unit] * scale;
}

// ---- Softmax cross-entropy

struct Loss {
  float loss;
  bool is_correct;  // the first of equal logits is the prediction
};

// logits [N] -> d_logits [N]: (softmax(logits) - one-hot(label)) / batch, the gradient of the batch's mean loss. The label
// N stands for none of the classes: each is wanted with probability 1 / N.
static inline Loss softmax_cross_entropy(const float* logits, int classes, int label, int batch, float* d_logits) {
  int best = 0;
  for (int c = 1; c < classes; c++)
    if (logits[c] > logits[best]) best = c;
  float total = 0;
  for (int c = 0; c < classes; c++) {
    d_logits[c] = std::exp(logits[c] - logits[best]);
    total += d_logits[c];
  }
  const float peak = logits[best];
  float wanted = 0;  // the mean of the logits by their wanted probabilities
  for (int c = 0; c < classes; c++) {
    const float target = label == classes ? 1.0f / classes : c == label ? 1.0f : 0.0f;
    if (target > 0) wanted += target * logits[c];
    d_logits[c] = (d_logits[c] / total - target) / batch;
  }
  return {std::log(total) + peak - wanted, best == label};
}

// ---- Adam (Kingma and Ba, 2015, algorithm 1)

// `count` weights with their running means of the gradient and of its square, changed in place.
static inline void adam(const AdamStep& step, int count, const float* __restrict gradients, float* __restrict weights,
                        float* __restrict means, float* __restrict squares) {
  for (int index = 0; index < count; index++) {
    const float gradient = gradients[index];
    means[index] = means[index] * step.beta1 + gradient * step.rest1;
    squares[index] = squares[index] * step.beta2 + gradient * gradient * step.rest2;
    weights[index] -= means[index] * step.rate / (__builtin_sqrtf(squares[index]) + step.epsilon);
  }
}

// ---- The network

// What the forward pass of an image through one layer leaves for the backward pass.
struct Activation {
  std::vector<float> in, out;  // the input of a convolution has its border
  std::vector<uint8_t> codes;  // of a convolution
};

// [H, W, C] with its border from the image inside it.
static inline std::vector<float> add_border(const ConvShape& s, const std::vector<float>& inner) {
  std::vector<float> in(static_cast<size_t>(s.padded_height()) * s.row_stride());
  const int row = s.in_width * s.in_channels;
  for (int y = 0; y < s.in_height; y++)
    std::copy_n(&inner[y * row], row, &in[s.border() + y * s.row_stride()]);
  return in;
}

static inline std::vector<float> remove_border(const ConvShape& s, const std::vector<float>& in) {
  const int row = s.in_width * s.in_channels;
  std::vector<float> inner(static_cast<size_t>(s.in_height) * row);
  for (int y = 0; y < s.in_height; y++)
    std::copy_n(&in[s.border() + y * s.row_stride()], row, &inner[y * row]);
  return inner;
}

// `parameters` are the layer's weights, then its bias; `key` is what a dropout layer draws its mask by.
static inline Activation forward(const Layer& layer, const float* parameters, const uint32_t* key, int image,
                                 const std::vector<float>& in) {
  if (layer.kind == Layer::kConv) {
    const ConvShape& s = layer.conv;
    Activation a{add_border(s, in), std::vector<float>(s.outputs()), std::vector<uint8_t>(s.outputs())};
    conv_pool(s, a.in.data(), parameters, parameters + s.weights(), a.out.data(), a.codes.data());
    return a;
  }
  if (layer.kind == Layer::kDense) {
    const DenseShape& s = layer.dense;
    Activation a{in, std::vector<float>(s.units), {}};
    dense(s, in.data(), parameters, parameters + s.weights(), a.out.data());
    return a;
  }
  Activation a{in, std::vector<float>(layer.units), {}};
  dropout(layer, *key, image, in.data(), a.out.data());
  return a;
}

// Adds to d_parameters; returns the gradient of the layer's input, without a border.
static inline std::vector<float> backward(const Layer& layer, const float* parameters, const uint32_t* key, int image,
                                          const Activation& a, const std::vector<float>& d_out, float* d_parameters) {
  std::vector<float> d_in(a.in.size());
  if (layer.kind == Layer::kConv) {
    const ConvShape& s = layer.conv;
    std::vector<float> d_bias(s.filters);
    conv_filter_gradient(s, a.in.data(), d_out.data(), a.codes.data(), d_parameters, d_bias.data());
    for (int filter = 0; s.bias && filter < s.filters; filter++) d_parameters[s.weights() + filter] += d_bias[filter];
    conv_input_gradient(s, parameters, d_out.data(), a.codes.data(), d_in.data());
    return remove_border(s, d_in);
  }
  if (layer.kind == Layer::kDense) {
    const DenseShape& s = layer.dense;
    dense_gradients(s, a.in.data(), parameters, a.out.data(), d_out.data(), d_parameters, d_parameters + s.weights(),
                    d_in.data());
  } else {
    dropout(layer, *key, image, d_out.data(), d_in.data());
  }
  return d_in;
}

// Whole steps of training: the job of an Engine (plan.h), on one thread.
static inline void train(const TrainJob& job) {
  const Plan& plan = *job.plan;
  for (int step = 0; step < job.steps; step++) {
    std::vector<float> gradients(plan.parameters());
    double loss = 0;
    job.correct[step] = 0;
    for (int image = 0; image < job.batch; image++) {
      const int32_t index = job.indices[step * job.batch + image];
      const uint8_t* bytes = job.images + static_cast<size_t>(index) * plan.image_bytes;
      std::vector<float> values(plan.image_bytes);
      for (int at = 0; at < plan.image_bytes; at++) values[at] = bytes[at] * plan.pixel_scale + plan.pixel_offset;

      const float* parameters = job.weights;
      float* d_parameters = gradients.data();
      const uint32_t* key = job.keys + step * plan.dropouts();
      std::vector<Activation> activations;
      for (const Layer& layer : plan.layers) {
        activations.push_back(forward(layer, parameters, key, image, values));
        values = activations.back().out;
        parameters += layer.parameters();
        d_parameters += layer.parameters();
        key += layer.kind == Layer::kDropout;
      }

      std::vector<float> d_values(plan.classes());
      const Loss one =
          softmax_cross_entropy(values.data(), plan.classes(), job.labels[index], job.batch, d_values.data());
      loss += one.loss;
      job.correct[step] += one.is_correct;

      for (size_t at = plan.layers.size(); at-- > 0;) {
        const Layer& layer = plan.layers[at];
        parameters -= layer.parameters();
        d_parameters -= layer.parameters();
        key -= layer.kind == Layer::kDropout;
        d_values = backward(layer, parameters, key, image, activations[at], d_values, d_parameters);
      }
    }
    adam(job.adam[step], plan.parameters(), gradients.data(), job.weights, job.means, job.squares);
    job.losses[step] = static_cast<float>(loss / job.batch);
  }
}

}  // namespace plain
}  // namespace mnist
