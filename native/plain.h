// Training in plain loops, from the bytes of the images to the update. Read this file first. Each faster version in
// kernels/ names the function here that it computes and says how much faster it is, and the tests compare the two.
// Softmax, dropout and the updates have no faster version: the engine calls these.
//
// Everything but batch normalization works on one image; a batch's gradients are the sums over its images. Brackets give
// the shape of an array, whose last axis is contiguous, and all arrays have TensorFlow's layout:
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

#include "counter.h"
#include "plan.h"
#include "warp.h"

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

// ---- Any convolution

// Calls use(in index, kernel index, out index) for each product of a convolution: weights [K, K, C / groups, F].
template <typename Use>
static inline void for_each_product(const ConvolutionShape& s, const Use& use) {
  const int group_channels = s.group_channels(), group_filters = s.group_filters();
  for (int y = 0; y < s.out_height; y++)
    for (int x = 0; x < s.out_width; x++)
      for (int ky = 0; ky < s.kernel; ky++)
        for (int kx = 0; kx < s.kernel; kx++) {
          const int in_y = y * s.stride + ky * s.dilation - s.pad_top, in_x = x * s.stride + kx * s.dilation - s.pad_left;
          if (in_y < 0 || in_y >= s.in.height || in_x < 0 || in_x >= s.in.width) continue;
          for (int channel = 0; channel < group_channels; channel++)
            for (int filter = 0; filter < s.filters; filter++)
              use(in_y * s.in.row() + in_x * s.in.channels + filter / group_filters * group_channels + channel,
                  ((ky * s.kernel + kx) * group_channels + channel) * s.filters + filter,
                  (y * s.out_width + x) * s.filters + filter);
        }
}

// in [H, W, C] without a border, weights [K, K, C / groups, F], bias [F] -> out [H', W', F].
static inline void convolution(const ConvolutionShape& s, const float* in, const float* weights, const float* bias,
                               float* out) {
  for (int at = 0; at < s.out().size(); at++) out[at] = s.bias ? bias[at % s.filters] : 0;
  for_each_product(s, [&](int from, int weight, int to) { out[to] += in[from] * weights[weight]; });
}

// in [H, W, C], weights [K, K, C / groups, F], d_out [H', W', F] -> d_weights, d_bias [F], d_in [H, W, C], added to what
// is there.
static inline void convolution_gradients(const ConvolutionShape& s, const float* in, const float* weights,
                                         const float* d_out, float* d_weights, float* d_bias, float* d_in) {
  for_each_product(s, [&](int from, int weight, int to) {
    d_weights[weight] += in[from] * d_out[to];
    d_in[from] += weights[weight] * d_out[to];
  });
  for (int at = 0; s.bias && at < s.out().size(); at++) d_bias[at % s.filters] += d_out[at];
}

// ---- Pool

// in [H, W, C] -> out [H', W', C]; places [H', W', C] says which value of its square was the maximum, counted row by row
// (the first of equal ones), 0 for the mean.
static inline void pool(const PoolShape& s, const float* in, float* out, int32_t* places) {
  const ImageShape to = s.out();
  for (int at = 0; at < to.size(); at++) {
    const int channel = at % to.channels, x = at / to.channels % to.width, y = at / to.row();
    const float* corner = in + y * s.stride * s.in.row() + x * s.stride * s.in.channels + channel;
    float sum = 0, best = *corner;
    int place = 0;
    for (int index = 0; index < s.size * s.size; index++) {
      const float value = corner[index / s.size * s.in.row() + index % s.size * s.in.channels];
      sum += value;
      if (value > best) best = value, place = index;
    }
    out[at] = s.is_mean ? sum / static_cast<float>(s.size * s.size) : best;
    places[at] = s.is_mean ? 0 : place;
  }
}

// d_out [H', W', C] -> d_in [H, W, C], added to what is there.
static inline void pool_gradient(const PoolShape& s, const float* d_out, const int32_t* places, float* d_in) {
  const ImageShape to = s.out();
  for (int at = 0; at < to.size(); at++) {
    const int channel = at % to.channels, x = at / to.channels % to.width, y = at / to.row();
    float* corner = d_in + y * s.stride * s.in.row() + x * s.stride * s.in.channels + channel;
    for (int index = 0; index < s.size * s.size; index++)
      if (s.is_mean || index == places[at])
        corner[index / s.size * s.in.row() + index % s.size * s.in.channels] +=
            s.is_mean ? d_out[at] / static_cast<float>(s.size * s.size) : d_out[at];
  }
}

// ---- Dense layer

// in [I], weights [I, U], bias [U] -> out [U].
static inline void dense(const DenseShape& s, const float* in, const float* weights, const float* bias, float* out) {
  for (int unit = 0; unit < s.units; unit++) {
    float sum = 0;
    for (int input = 0; input < s.inputs; input++) sum += in[input] * weights[input * s.units + unit];
    out[unit] = s.bias ? sum + bias[unit] : sum;
  }
}

// in [I], weights [I, U], d_out [U] -> d_weights [I, U], d_bias [U], d_in [I], added to what is there.
static inline void dense_gradients(const DenseShape& s, const float* in, const float* weights, const float* d_out,
                                   float* d_weights, float* d_bias, float* d_in) {
  for (int unit = 0; unit < s.units; unit++) {
    for (int input = 0; input < s.inputs; input++) {
      d_weights[input * s.units + unit] += in[input] * d_out[unit];
      d_in[input] += weights[input * s.units + unit] * d_out[unit];
    }
    if (s.bias) d_bias[unit] += d_out[unit];
  }
}

// ---- Activation

// Changes `count` values in place. ReLU hides no missing number.
static inline void activate(Activation activation, int count, float* values) {
  for (int at = 0; at < count; at++) {
    float& value = values[at];
    if (activation == Activation::kRelu) value = value <= 0 ? 0 : value;
    if (activation == Activation::kSigmoid) value = 1 / (1 + std::exp(-value));
    if (activation == Activation::kTanh) value = std::tanh(value);
  }
}

// The gradient of what went in from the gradient of what came out, `given`, in place.
static inline void activation_gradient(Activation activation, int count, const float* given, float* d_values) {
  for (int at = 0; at < count; at++) {
    if (activation == Activation::kRelu && given[at] <= 0) d_values[at] = 0;
    if (activation == Activation::kSigmoid) d_values[at] *= given[at] * (1 - given[at]);
    if (activation == Activation::kTanh) d_values[at] *= 1 - given[at] * given[at];
  }
}

// ---- Batch normalization (Ioffe and Szegedy, 2015)

// Mean and variance of each channel over all positions of all images, in [batch][P, C].
struct Statistics {
  std::vector<double> mean, variance;
};

static inline Statistics find_statistics(int channels, const std::vector<std::vector<float>>& in) {
  Statistics statistics{std::vector<double>(channels), std::vector<double>(channels)};
  const double count = static_cast<double>(in.size() * in[0].size() / channels);
  for (const std::vector<float>& image : in)
    for (size_t at = 0; at < image.size(); at++) statistics.mean[at % channels] += image[at] / count;
  for (const std::vector<float>& image : in)
    for (size_t at = 0; at < image.size(); at++) {
      const double off = image[at] - statistics.mean[at % channels];
      statistics.variance[at % channels] += off * off / count;
    }
  return statistics;
}

// How far a value is from its channel's mean, in standard deviations.
static inline double normalize(const Statistics& statistics, int channel, double value) {
  return (value - statistics.mean[channel]) / std::sqrt(statistics.variance[channel] + kNormalizationEpsilon);
}

// `parameters` are scale, offset, running mean and running variance, [C] each; the last two are changed.
static inline std::vector<std::vector<float>> normalization(int channels, float* parameters,
                                                            const std::vector<std::vector<float>>& in) {
  const Statistics statistics = find_statistics(channels, in);
  std::vector<std::vector<float>> out = in;
  for (std::vector<float>& image : out)
    for (size_t at = 0; at < image.size(); at++) {
      const int channel = static_cast<int>(at) % channels;
      image[at] = static_cast<float>(normalize(statistics, channel, image[at]) * parameters[channel] +
                                     parameters[channels + channel]);
    }
  for (int channel = 0; channel < channels; channel++) {
    float &mean = parameters[2 * channels + channel], &variance = parameters[3 * channels + channel];
    mean -= static_cast<float>((mean - statistics.mean[channel]) * kNormalizationDecay);
    variance -= static_cast<float>((variance - statistics.variance[channel]) * kNormalizationDecay);
  }
  return out;
}

// Adds to the gradients of scale and offset; returns d_in.
static inline std::vector<std::vector<float>> normalization_gradients(int channels, const float* parameters,
                                                                      const std::vector<std::vector<float>>& in,
                                                                      const std::vector<std::vector<float>>& d_out,
                                                                      float* d_parameters) {
  const Statistics statistics = find_statistics(channels, in);
  std::vector<double> d_scale(channels), d_offset(channels);
  for (size_t image = 0; image < in.size(); image++)
    for (size_t at = 0; at < in[image].size(); at++) {
      const int channel = static_cast<int>(at) % channels;
      d_scale[channel] += d_out[image][at] * normalize(statistics, channel, in[image][at]);
      d_offset[channel] += d_out[image][at];
    }
  for (int channel = 0; channel < channels; channel++) {
    d_parameters[channel] += static_cast<float>(d_scale[channel]);
    d_parameters[channels + channel] += static_cast<float>(d_offset[channel]);
  }
  const double count = static_cast<double>(in.size() * in[0].size() / channels);
  std::vector<std::vector<float>> d_in = d_out;
  for (size_t image = 0; image < in.size(); image++)
    for (size_t at = 0; at < in[image].size(); at++) {
      const int channel = static_cast<int>(at) % channels;
      const double mean_part = (d_offset[channel] + normalize(statistics, channel, in[image][at]) * d_scale[channel]) / count;
      d_in[image][at] = static_cast<float>((d_out[image][at] - mean_part) * parameters[channel] /
                                           std::sqrt(statistics.variance[channel] + kNormalizationEpsilon));
    }
  return d_in;
}

// ---- Dropout

// in [U] -> out [U], units from `first` on, counted over the whole batch; backward does the same from d_out to d_in.
// Units that are kept are scaled so that the expected value stays the same. Whether a unit is dropped depends only on the
// key and on its number, so that TypeScript (src/core/counter.ts) and any number of threads draw the same mask.
static inline void dropout(float rate, uint32_t key, uint32_t first, int units, const float* in, float* out) {
  const uint32_t threshold = static_cast<uint32_t>(static_cast<double>(rate) * 4294967296.0);
  const float scale = 1 / (1 - rate);
  for (int unit = 0; unit < units; unit++)
    out[unit] = counter_random(key, first + unit) < threshold ? 0.0f : in[unit] * scale;
}

// ---- Softmax cross-entropy

struct Loss {
  float loss;
  bool is_correct;  // the first of equal logits is the prediction
};

// logits [N] -> d_logits [N]: (softmax(logits) - wanted) / batch, the gradient of the batch's mean loss. Wanted is the label
// alone, or as much less as smoothing gives to all classes alike (Szegedy et al., 2016). The label N stands for none of the
// classes: each is wanted with probability 1 / N.
static inline Loss softmax_cross_entropy(const float* logits, int classes, int label, int batch, float* d_logits,
                                         float smoothing = 0) {
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
    const float own = c == label ? 1 - smoothing : 0.0f;
    const float target = label == classes ? 1.0f / classes : own + smoothing / classes;
    if (target > 0) wanted += target * logits[c];
    d_logits[c] = (d_logits[c] / total - target) / batch;
  }
  return {std::log(total) + peak - wanted, best == label};
}

// ---- Updates

// Adam (Kingma and Ba, 2015, algorithm 1), with decoupled weight decay (Loshchilov and Hutter, 2019): `count` weights with
// their running means of the gradient and of its square, changed in place.
static inline void adam(const UpdateStep& step, int count, const float* __restrict gradients, float* __restrict weights,
                        float* __restrict means, float* __restrict squares) {
  for (int index = 0; index < count; index++) {
    const float gradient = gradients[index];
    means[index] = means[index] * step.beta1 + gradient * step.rest1;
    squares[index] = squares[index] * step.beta2 + gradient * gradient * step.rest2;
    weights[index] -= weights[index] * step.decay + means[index] * step.rate / (__builtin_sqrtf(squares[index]) + step.epsilon);
  }
}

// Gradient descent with momentum (Polyak, 1964).
static inline void momentum(const UpdateStep& step, int count, const float* __restrict gradients,
                            float* __restrict weights, float* __restrict velocities) {
  for (int index = 0; index < count; index++) {
    velocities[index] = velocities[index] * step.beta1 + gradients[index];
    weights[index] -= weights[index] * step.decay + velocities[index] * step.rate;
  }
}

static inline void descend(const UpdateStep& step, int count, const float* __restrict gradients,
                           float* __restrict weights) {
  for (int index = 0; index < count; index++)
    weights[index] -= weights[index] * step.decay + gradients[index] * step.rate;
}

static inline void update(Method method, const UpdateStep& step, int count, const float* gradients, float* weights,
                          float* means, float* squares) {
  if (method == Method::kAdam) adam(step, count, gradients, weights, means, squares);
  if (method == Method::kMomentum) momentum(step, count, gradients, weights, means);
  if (method == Method::kDescent) descend(step, count, gradients, weights);
}

// How many of a layer's first parameters are a kernel, which decays, and how many are trained at all.
static inline int decaying_parameters(const Layer& layer) {
  if (layer.kind == Layer::kBlock) return layer.block.weights();
  if (layer.kind == Layer::kDense) return layer.dense.weights();
  return layer.kind == Layer::kConvolution ? layer.convolution.weights() : 0;
}
static inline int trained_parameters(const Layer& layer) {
  return layer.kind == Layer::kNormalization ? 2 * layer.in.channels : layer.parameters();
}

static inline UpdateStep without_decay(UpdateStep step) {
  step.decay = 0;
  return step;
}

// ---- The network

// What the forward pass of an image through one layer leaves for the backward pass.
struct Trace {
  std::vector<float> in, out;   // the input of a block has its border
  std::vector<uint8_t> codes;   // of a block
  std::vector<int32_t> places;  // of a pool
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

// Any layer but a normalization, without its activation. `parameters` are the layer's weights, then its bias; `key` is
// what a dropout layer draws its mask by.
static inline Trace forward(const Layer& layer, const float* parameters, const uint32_t* key, int image,
                            const std::vector<float>& in) {
  Trace trace{in, std::vector<float>(layer.out().size()), {}, {}};
  if (layer.kind == Layer::kBlock) {
    const ConvShape& s = layer.block;
    trace.in = add_border(s, in);
    trace.codes.resize(s.outputs());
    conv_pool(s, trace.in.data(), parameters, parameters + s.weights(), trace.out.data(), trace.codes.data());
  } else if (layer.kind == Layer::kDense) {
    dense(layer.dense, in.data(), parameters, parameters + layer.dense.weights(), trace.out.data());
  } else if (layer.kind == Layer::kConvolution) {
    convolution(layer.convolution, in.data(), parameters, parameters + layer.convolution.weights(), trace.out.data());
  } else if (layer.kind == Layer::kPool) {
    trace.places.resize(trace.out.size());
    pool(layer.pool, in.data(), trace.out.data(), trace.places.data());
  } else if (layer.kind == Layer::kDropout) {
    const int units = layer.in.size();
    dropout(layer.rate, *key, static_cast<uint32_t>(image) * units, units, in.data(), trace.out.data());
  } else {
    trace.out = in;
  }
  return trace;
}

// Adds to d_parameters; returns the gradient of the layer's input, without a border.
static inline std::vector<float> backward(const Layer& layer, const float* parameters, const uint32_t* key, int image,
                                          const Trace& trace, const std::vector<float>& d_out, float* d_parameters) {
  std::vector<float> d_in(trace.in.size());
  if (layer.kind == Layer::kBlock) {
    const ConvShape& s = layer.block;
    std::vector<float> d_bias(s.filters);
    conv_filter_gradient(s, trace.in.data(), d_out.data(), trace.codes.data(), d_parameters, d_bias.data());
    for (int filter = 0; s.bias && filter < s.filters; filter++) d_parameters[s.weights() + filter] += d_bias[filter];
    conv_input_gradient(s, parameters, d_out.data(), trace.codes.data(), d_in.data());
    return remove_border(s, d_in);
  }
  if (layer.kind == Layer::kDense) {
    dense_gradients(layer.dense, trace.in.data(), parameters, d_out.data(), d_parameters,
                    d_parameters + layer.dense.weights(), d_in.data());
  } else if (layer.kind == Layer::kConvolution) {
    convolution_gradients(layer.convolution, trace.in.data(), parameters, d_out.data(), d_parameters,
                          d_parameters + layer.convolution.weights(), d_in.data());
  } else if (layer.kind == Layer::kPool) {
    pool_gradient(layer.pool, d_out.data(), trace.places.data(), d_in.data());
  } else if (layer.kind == Layer::kDropout) {
    const int units = layer.in.size();
    dropout(layer.rate, *key, static_cast<uint32_t>(image) * units, units, d_out.data(), d_in.data());
  } else {
    d_in = d_out;
  }
  return d_in;
}

// Whole steps of training on one thread: what a Trainer (plan.h) does to its arrays.
static inline void train(const Plan& plan, Method method, const TrainJob& job, float* weights, float* means,
                         float* squares) {
  for (int step = 0; step < job.steps; step++) {
    std::vector<float> gradients(plan.parameters());
    std::vector<std::vector<float>> values;
    const uint32_t* key = job.keys + step * plan.keys();
    for (int image = 0; image < job.batch; image++) {
      const uint8_t* bytes = job.images + static_cast<size_t>(job.indices[step * job.batch + image]) * plan.image_bytes;
      std::vector<uint8_t> warped(plan.image_bytes);
      if (!plan.warp.is_none()) {
        warp_image(plan.warp, key[plan.dropouts()], job.indices[step * job.batch + image], bytes, warped.data());
        bytes = warped.data();
      }
      std::vector<float> pixels(plan.image_bytes);
      for (int at = 0; at < plan.image_bytes; at++) pixels[at] = bytes[at] * plan.pixel_scale + plan.pixel_offset;
      values.push_back(pixels);
    }

    float* parameters = weights;
    float* d_parameters = gradients.data();
    std::vector<std::vector<Trace>> traces;
    for (const Layer& layer : plan.layers) {
      std::vector<Trace> of_layer;
      if (layer.kind == Layer::kNormalization) {
        const std::vector<std::vector<float>> out = normalization(layer.in.channels, parameters, values);
        for (int image = 0; image < job.batch; image++) of_layer.push_back({values[image], out[image], {}, {}});
      } else {
        for (int image = 0; image < job.batch; image++)
          of_layer.push_back(forward(layer, parameters, key, image, values[image]));
      }
      for (int image = 0; image < job.batch; image++) {
        activate(layer.activation, layer.out().size(), of_layer[image].out.data());
        values[image] = of_layer[image].out;
      }
      traces.push_back(of_layer);
      parameters += layer.parameters();
      d_parameters += layer.parameters();
      key += layer.kind == Layer::kDropout;
    }

    double loss = 0;
    job.correct[step] = 0;
    for (int image = 0; image < job.batch; image++) {
      std::vector<float> d_logits(plan.classes());
      const Loss one = softmax_cross_entropy(values[image].data(), plan.classes(),
                                             job.labels[job.indices[step * job.batch + image]], job.batch, d_logits.data(),
                                             plan.label_smoothing);
      loss += one.loss;
      job.correct[step] += one.is_correct;
      values[image] = d_logits;
    }
    job.losses[step] = static_cast<float>(loss / job.batch);

    for (size_t at = plan.layers.size(); at-- > 0;) {
      const Layer& layer = plan.layers[at];
      parameters -= layer.parameters();
      d_parameters -= layer.parameters();
      key -= layer.kind == Layer::kDropout;
      std::vector<std::vector<float>> ins;
      for (int image = 0; image < job.batch; image++) {
        const Trace& trace = traces[at][image];
        activation_gradient(layer.activation, layer.out().size(), trace.out.data(), values[image].data());
        if (layer.kind == Layer::kNormalization) ins.push_back(trace.in);
        else values[image] = backward(layer, parameters, key, image, trace, values[image], d_parameters);
      }
      if (layer.kind == Layer::kNormalization)
        values = normalization_gradients(layer.in.channels, parameters, ins, values, d_parameters);
    }

    const UpdateStep &decaying = job.updates[step], constant = without_decay(decaying);
    size_t at = 0;
    for (const Layer& layer : plan.layers) {
      const int kernel = decaying_parameters(layer), trained = trained_parameters(layer);
      update(method, decaying, kernel, &gradients[at], weights + at, means + at, squares + at);
      at += kernel;
      update(method, constant, trained - kernel, gradients.data() + at, weights + at, means + at, squares + at);
      at += layer.parameters() - kernel;
    }
  }
}

}  // namespace plain
}  // namespace mnist
