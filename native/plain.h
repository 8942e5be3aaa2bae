// A step's loss and gradients out of the plain loops alone, all in TensorFlow's layout: what the engine must give.
#pragma once

#include <functional>

#include "kernels/conv_filter_gradient.h"
#include "kernels/conv_input_gradient.h"
#include "kernels/conv_pool.h"
#include "kernels/dropout.h"
#include "kernels/softmax.h"
#include "plan.h"

namespace mnist_test {

struct PlainResult {
  double loss = 0;
  int correct = 0;
  std::vector<float> gradient;  // of the mean loss, in the order of the weights
};

class PlainNetwork {
 public:
  PlainNetwork(const mnist::Plan& plan, const std::vector<float>& weights, int batch, const uint32_t* keys)
      : plan_(plan), weights_(weights), batch_(batch), keys_(keys) {
    result.gradient.resize(weights.size());
  }

  void add_image(int image, const std::vector<float>& pixels, int label) {
    const size_t count = plan_.layers.size();
    std::vector<std::vector<float>> inputs(count), outputs(count);
    std::vector<std::vector<uint8_t>> codes(count);
    std::vector<size_t> firsts;
    size_t first = 0;
    for (size_t index = 0; index < count; index++) {
      firsts.push_back(first);
      inputs[index] = index == 0 ? pixels : outputs[index - 1];
      outputs[index] = forward(index, first, image, inputs[index], codes[index]);
      first += parameters_of(plan_.layers[index]);
    }
    std::vector<float> gradient(plan_.classes());
    const mnist::Loss loss =
        mnist::softmax_cross_entropy(outputs.back().data(), plan_.classes(), label, batch_, gradient.data());
    result.loss += static_cast<double>(loss.loss) / batch_;
    result.correct += loss.is_correct;
    for (size_t index = count; index-- > 0;)
      gradient = backward(index, firsts[index], image, inputs[index], outputs[index], codes[index], gradient);
  }

  PlainResult result;

 private:
  static int parameters_of(const mnist::Layer& layer) {
    if (layer.kind == mnist::Layer::kDropout) return 0;
    return layer.kind == mnist::Layer::kConv ? layer.conv.parameters() : layer.dense.parameters();
  }

  // An image inside its border, and back.
  static std::vector<float> pad(const mnist::ConvShape& s, const std::vector<float>& in) {
    std::vector<float> padded(static_cast<size_t>(s.padded_height()) * s.row_stride());
    const int row = s.in_width * s.in_channels;
    for (int at = 0; at < s.in_height * row; at++) padded[s.border() + at / row * s.row_stride() + at % row] = in[at];
    return padded;
  }
  static std::vector<float> crop(const mnist::ConvShape& s, const std::vector<float>& padded) {
    const int row = s.in_width * s.in_channels;
    std::vector<float> inner(static_cast<size_t>(s.in_height) * row);
    for (int at = 0; at < s.in_height * row; at++) inner[at] = padded[s.border() + at / row * s.row_stride() + at % row];
    return inner;
  }

  float drop(size_t index, int image, int unit, float value) const {
    const mnist::Layer& layer = plan_.layers[index];
    int key = 0;
    for (size_t before = 0; before < index; before++) key += plan_.layers[before].kind == mnist::Layer::kDropout;
    return mnist::dropout(value, keys_[key], static_cast<uint32_t>(image) * layer.units + unit,
                          mnist::dropout_threshold(layer.rate), 1 / (1 - layer.rate));
  }

  std::vector<float> forward(size_t index, size_t first, int image, const std::vector<float>& in,
                             std::vector<uint8_t>& codes) const {
    const mnist::Layer& layer = plan_.layers[index];
    const float* weights = weights_.data() + first;
    if (layer.kind == mnist::Layer::kConv) {
      const mnist::ConvShape& s = layer.conv;
      std::vector<float> out(s.outputs());
      codes.resize(s.outputs());
      mnist::MNIST_ISA::conv_pool_plain(s, pad(s, in).data(), weights, weights + s.weights(), out.data(),
                                        s.out_width() * s.filters, codes.data());
      return out;
    }
    if (layer.kind == mnist::Layer::kDropout) {
      std::vector<float> out(in);
      for (int unit = 0; unit < layer.units; unit++) out[unit] = drop(index, image, unit, in[unit]);
      return out;
    }
    const mnist::DenseShape& s = layer.dense;
    std::vector<float> out(s.units);
    for (int unit = 0; unit < s.units; unit++) {
      for (int input = 0; input < s.inputs; input++) out[unit] += in[input] * weights[input * s.units + unit];
      if (s.bias) out[unit] += weights[s.weights() + unit];
      if (s.relu && out[unit] <= 0) out[unit] = 0;
    }
    return out;
  }

  // Adds to the parameters' gradients; gives that of the layer's input.
  std::vector<float> backward(size_t index, size_t first, int image, const std::vector<float>& in,
                              const std::vector<float>& out, const std::vector<uint8_t>& codes,
                              std::vector<float> d_out) {
    const mnist::Layer& layer = plan_.layers[index];
    const float* weights = weights_.data() + first;
    float* gradient = result.gradient.data() + first;
    if (layer.kind == mnist::Layer::kConv) {
      const mnist::ConvShape& s = layer.conv;
      std::vector<float> d_in(static_cast<size_t>(s.padded_height()) * s.row_stride()), no_bias(s.filters);
      mnist::MNIST_ISA::conv_filter_gradient_plain(s, pad(s, in).data(), d_out.data(), codes.data(), gradient,
                                                   s.bias ? gradient + s.weights() : no_bias.data());
      mnist::MNIST_ISA::conv_input_gradient_plain(s, weights, d_out.data(), codes.data(), d_in.data());
      return crop(s, d_in);
    }
    if (layer.kind == mnist::Layer::kDropout) {
      for (int unit = 0; unit < layer.units; unit++) d_out[unit] = drop(index, image, unit, d_out[unit]);
      return d_out;
    }
    const mnist::DenseShape& s = layer.dense;
    std::vector<float> d_in(s.inputs);
    for (int unit = 0; unit < s.units; unit++) {
      if (s.relu && out[unit] <= 0) continue;
      for (int input = 0; input < s.inputs; input++) {
        gradient[input * s.units + unit] += in[input] * d_out[unit];
        d_in[input] += weights[input * s.units + unit] * d_out[unit];
      }
      if (s.bias) gradient[s.weights() + unit] += d_out[unit];
    }
    return d_in;
  }

  const mnist::Plan& plan_;
  const std::vector<float>& weights_;
  int batch_;
  const uint32_t* keys_;
};

// `image_of` gives an image's pixels and label; `keys` are the step's.
inline PlainResult run_plain(const mnist::Plan& plan, const std::vector<float>& weights, int batch,
                             const std::function<void(int, float*, int*)>& image_of, const uint32_t* keys) {
  PlainNetwork network(plan, weights, batch, keys);
  for (int image = 0; image < batch; image++) {
    std::vector<float> pixels(plan.image_bytes);
    int label;
    image_of(image, pixels.data(), &label);
    network.add_image(image, pixels, label);
  }
  return network.result;
}

}  // namespace mnist_test
