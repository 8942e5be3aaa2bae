// Convolutions of any kind, pools, activations and normalizations against their plain loops in plain.h.
#include <algorithm>
#include <cmath>
#include <limits>

#include "../kernels/activation.h"
#include "../kernels/convolution.h"
#include "../kernels/normalization.h"
#include "../kernels/pool.h"
#include "../layer_state.h"
#include "../plain.h"
#include "check.h"

namespace mnist_test {

using namespace mnist;
using namespace mnist::MNIST_ISA;

namespace {

// A convolution as an architecture describes it: `pad` zeros on each side, or -1 for as many as keep the size.
ConvolutionShape convolution_shape(ImageShape in, int kernel, int pad, int filters, int stride = 1, int dilation = 1,
                                   int groups = 1) {
  const int reach = (kernel - 1) * dilation + 1;
  const auto out = [&](int length) {
    return pad < 0 ? (length + stride - 1) / stride : (length + 2 * pad - reach) / stride + 1;
  };
  const auto before = [&](int length) {
    return pad < 0 ? std::max(0, (out(length) - 1) * stride + reach - length) / 2 : pad;
  };
  return {in, kernel, stride, dilation, groups, before(in.height), before(in.width), out(in.height), out(in.width), filters,
          true};
}

// Computed when they are asked for: before main nothing may run that the processor might lack.
std::vector<ConvolutionShape> list_shapes() {
  return {
      convolution_shape({28, 28, 1}, 5, -1, 6),        convolution_shape({14, 14, 6}, 5, 0, 16),
      convolution_shape({9, 7, 3}, 3, -1, 33),         convolution_shape({9, 8, 5}, 4, -1, 7),
      convolution_shape({9, 8, 16}, 3, -1, 32, 2),     convolution_shape({8, 9, 4}, 3, 0, 70, 2),
      convolution_shape({8, 9, 4}, 2, 0, 3, 3),        convolution_shape({11, 7, 4}, 3, -1, 6, 2, 1, 2),
      convolution_shape({11, 9, 3}, 3, -1, 5, 1, 2),   convolution_shape({13, 9, 8}, 3, 2, 12, 2, 3, 4),
      convolution_shape({7, 7, 18}, 3, -1, 18, 1, 1, 18), convolution_shape({5, 5, 2}, 1, 0, 9),
      convolution_shape({5, 6, 2}, 1, 3, 4, 2),        convolution_shape({4, 3, 2}, 9, -1, 4),
      convolution_shape({4, 3, 2}, 3, 5, 4, 4),        convolution_shape({3, 5, 1}, 3, 1, 2, 5),
      convolution_shape({1, 1, 7}, 1, 0, 65),          convolution_shape({2, 2, 3}, 7, -1, 5, 2),
      convolution_shape({6, 5, 34}, 3, 1, 34, 1, 1, 2), convolution_shape({3, 3, 2}, 3, -1, 4, 1, 9),
  };
}

// An image in its frame, with a vector past its end that kernels may read: not zero, so that using it shows.
std::vector<float> in_frame(const Frame& frame, const std::vector<float>& image) {
  std::vector<float> framed(frame.size());
  for (int y = 0; y < frame.image.height; y++)
    std::copy_n(image.data() + y * frame.image.row(), frame.image.row(),
                framed.data() + frame.origin() + y * frame.row_stride());
  framed.resize(framed.size() + 4 * kLanes, 1e6f);
  return framed;
}
std::vector<float> with_end(std::vector<float> values) {
  values.resize(values.size() + 4 * kLanes, 1e6f);
  return values;
}

void test_convolution(const ConvolutionShape& s, Random& random) {
  LayerState state;
  state.frame = convolution_frame(s);
  // Into a frame with a border, which must stay as it is.
  const Frame out_frame = {s.out(), 1, 2, s.out_height + 3, s.out_width + 3};
  prepare_patches(s, state, out_frame, true);
  const std::vector<float> in = random.integers(s.in.size()), weights = random.integers(s.parameters());
  const std::vector<float> d_out = random.integers(s.out().size());
  state.parameters.resize(weights.size());
  std::copy(weights.begin(), weights.end(), state.parameters.data());
  pack_convolution(s, state, 0, s.depth());
  const ConvolutionState& own = state.convolution;
  const std::vector<float> framed = in_frame(state.frame, in), d_ended = with_end(d_out);
  const std::vector<float> bias = with_end({weights.begin() + s.weights(), weights.end()});

  std::vector<float> expected(s.out().size());
  plain::convolution(s, in.data(), weights.data(), weights.data() + s.weights(), expected.data());
  std::vector<float> out(out_frame.size() + 4 * kLanes);
  std::vector<float> d_weights(weights.size() + 4 * kLanes, 1.0f), d_in(s.in.size(), 9.0f);
  const std::vector<float> d_framed = in_frame(own.backward.frame, d_out);
  const int filters = s.group_filters(), channels = s.group_channels();
  for (int group = 0; group < s.groups; group++) {
    sum_patches(own.forward, framed.data() + group * channels, state.packed.data() + own.group_panels * group,
                bias.data() + group * filters, filters, out.data() + group * filters);
    add_patch_gradients(own.patches, framed.data() + group * channels, d_ended.data() + group * filters, filters,
                        d_weights.data() + group * filters, s.filters);
    for (size_t at = 0; at < own.backward.classes.size(); at++)
      sum_patches(own.backward.classes[at].sums, d_framed.data() + group * filters,
                  own.panels[at].data() + panels_size(own.backward.classes[at].sums.depth, channels) * group, nullptr,
                  channels, d_in.data() + group * channels);
  }
  add_column_sums(s.out_height * s.out_width, s.filters, d_ended.data(), d_weights.data() + s.weights());
  const std::vector<float> wanted = in_frame(out_frame, expected);
  CHECK(std::equal(out.begin(), out.begin() + out_frame.size(), wanted.begin()), "forward, kernel %d, stride %d", s.kernel, s.stride);
  std::vector<float> d_expected(weights.size(), 1.0f), d_in_expected(s.in.size());
  plain::convolution_gradients(s, in.data(), weights.data(), d_out.data(), d_expected.data(),
                               d_expected.data() + s.weights(), d_in_expected.data());
  CHECK(std::equal(d_expected.begin(), d_expected.end(), d_weights.begin()), "weights, kernel %d, stride %d", s.kernel, s.stride);
  CHECK(d_in == d_in_expected, "input, kernel %d, stride %d, dilation %d", s.kernel, s.stride, s.dilation);
}

void test_pool(const PoolShape& s, Random& random) {
  const ImageShape to = s.out();
  std::vector<float> in = random.integers(s.in.size());
  for (float& value : in) value *= static_cast<float>(s.size * s.size);  // so that the mean is a whole number
  const int row = to.row() + 5;
  std::vector<float> out(to.height * row, 7.0f), expected(to.size()), d_in(s.in.size(), 9.0f), d_expected(s.in.size());
  std::vector<int32_t> places(to.size()), expected_places(to.size());
  plain::pool(s, in.data(), expected.data(), expected_places.data());
  const std::vector<float> ended = with_end(in);
  pool(s, ended.data(), out.data(), row, places.data());
  for (int at = 0; at < to.size(); at++)
    CHECK(std::fabs(out[at / to.row() * row + at % to.row()] - expected[at]) < 1e-5, "%d", at);
  CHECK(to.height == 0 || out[row - 1] == 7, "the gap stays");
  CHECK(places == expected_places, "size %d", s.size);
  std::vector<float> d_out = random.integers(to.size());
  for (float& value : d_out) value *= static_cast<float>(s.size * s.size);
  plain::pool_gradient(s, d_out.data(), expected_places.data(), d_expected.data());
  d_out = with_end(d_out);
  d_in = with_end(d_in);
  places.resize(places.size() + kLanes);
  pool_gradient(s, d_out.data(), places.data(), d_in.data());
  for (int at = 0; at < s.in.size(); at++) CHECK(std::fabs(d_in[at] - d_expected[at]) < 1e-4, "size %d: %d", s.size, at);
}

void test_activation(Activation activation) {
  std::vector<float> values;
  for (int index = -2000; index <= 2000; index++) values.push_back(index * 0.01f);
  for (const float value : {1e-6f, -1e-6f, 1e-20f, 60.0f, -60.0f, 89.0f, -89.0f, 1e30f, -1e30f}) values.push_back(value);
  for (const int count : {0, 1, 5, kLanes, kLanes + 3, static_cast<int>(values.size())}) {
    std::vector<float> expected = values, given = with_end(values), gradient(values.size(), 2.0f), d_expected = gradient;
    plain::activate(activation, count, expected.data());
    activate(activation, count, given.data());
    for (size_t at = 0; at < values.size(); at++)
      CHECK(std::fabs(given[at] - expected[at]) <= 3e-7 * std::fabs(expected[at]) + 1e-37, "%g: %g, not %g", values[at], given[at], expected[at]);
    const std::vector<float> out = with_end(expected);
    plain::activation_gradient(activation, count, expected.data(), d_expected.data());
    gradient = with_end(gradient);
    activation_gradient(activation, count, out.data(), gradient.data());
    for (size_t at = 0; at < values.size(); at++)
      CHECK(std::fabs(gradient[at] - d_expected[at]) < 1e-6, "%g: %g, not %g", values[at], gradient[at], d_expected[at]);
  }
  std::vector<float> unknown = with_end({std::numeric_limits<float>::quiet_NaN()});
  activate(activation, 1, unknown.data());
  CHECK(std::isnan(unknown[0]), "no number stays none");
}

void test_normalization(int positions, int channels, float shift, Random& random) {
  std::vector<std::vector<float>> images;
  for (int image = 0; image < 3; image++) {
    images.push_back(random.integers(positions * channels));
    for (float& value : images.back()) value += shift;
  }
  const plain::Statistics expected = plain::find_statistics(channels, images);
  ChannelSums sums;
  sums.clear(channels);
  for (const std::vector<float>& image : images) add_statistics(positions, channels, with_end(image).data(), sums);
  for (int channel = 0; channel < channels; channel++) {
    const double count = 3.0 * positions, mean = sums.first[channel] / count;
    const double variance = sums.second[channel] / count - mean * mean;
    CHECK(std::fabs(mean - expected.mean[channel]) < 1e-6 * (1 + std::fabs(shift)), "mean %g, not %g", mean, expected.mean[channel]);
    CHECK(std::fabs(variance - expected.variance[channel]) < 1e-4, "variance %g, not %g", variance, expected.variance[channel]);
  }
}

}  // namespace

void test_image_kernels() {
  Random random(5);
  for (const ConvolutionShape& s : list_shapes()) test_convolution(s, random);
  for (const int channels : {1, 6, kLanes, 37})
    for (const bool is_mean : {false, true})
      for (const int size : {1, 2, 3, 5})
        for (const int stride : {1, 2, 3}) test_pool({{7, 6, channels}, size, stride, is_mean}, random);
  for (const Activation activation : {Activation::kNone, Activation::kRelu, Activation::kSigmoid, Activation::kTanh})
    test_activation(activation);
  for (const int positions : {1, 7, 100})
    for (const int channels : {1, 9, 16, 33})
      for (const float shift : {0.0f, 1000.0f}) test_normalization(positions, channels, shift, random);
}

}  // namespace mnist_test
