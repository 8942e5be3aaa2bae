// The whole engine: the same bits with any number of threads, and the loss and gradients that plain.h gives.
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>

#include "../kernels/vector.h"
#include "../plain.h"
#include "../kernels/conv_pool_tiles.h"
#include "../plan.h"
#include "check.h"

namespace mnist_test {

using namespace mnist;
using namespace mnist::MNIST_ISA;

namespace {

#if MNIST_LANES == 16
const Engine& engine = kAvx512Engine;
#elif MNIST_LANES == 8
const Engine& engine = kAvx2Engine;
#else
const Engine& engine = kPortableEngine;
#endif

constexpr int kImages = 60;

constexpr Activation kNone = Activation::kNone, kRelu = Activation::kRelu;

Layer layer_of(Layer::Kind kind, ImageShape in, Activation activation = kNone) {
  Layer layer{};
  layer.kind = kind;
  layer.in = in;
  layer.activation = activation;
  return layer;
}
Layer block(ConvShape shape) {
  Layer layer = layer_of(Layer::kBlock, {shape.in_height, shape.in_width, shape.in_channels});
  layer.block = shape;
  return layer;
}
Layer dense(DenseShape shape, Activation activation = kNone) {
  Layer layer = layer_of(Layer::kDense, {1, 1, shape.inputs}, activation);
  layer.dense = shape;
  return layer;
}
Layer dropout_layer(float rate, ImageShape in) {
  Layer layer = layer_of(Layer::kDropout, in);
  layer.rate = rate;
  return layer;
}
Layer convolution(ConvolutionShape shape, Activation activation = kNone) {
  Layer layer = layer_of(Layer::kConvolution, shape.in, activation);
  layer.convolution = shape;
  return layer;
}
Layer pool(PoolShape shape, Activation activation = kNone) {
  Layer layer = layer_of(Layer::kPool, shape.in, activation);
  layer.pool = shape;
  return layer;
}
Layer normalization(ImageShape in, Activation activation = kNone) {
  return layer_of(Layer::kNormalization, in, activation);
}

Plan plan_of(std::vector<Layer> layers, float offset = 0) {
  return {layers, 1 / 255.0f, offset, layers[0].in.size()};
}

Plan odd_plan() {
  return plan_of({block({12, 11, 1, 3, 1, 5, true, true}), block({6, 5, 5, 2, 0, 18, true, false}),
                  dense({72, 21, true}, kRelu), dropout_layer(0.3f, {1, 1, 21}), dense({21, 3, true})},
                 -0.1f);
}
Plan dense_plan() {
  return plan_of({dense({132, 7, false}, kRelu), dropout_layer(0.5f, {1, 1, 7}), dense({7, 3, false})});
}
Plan cnn_plan() {
  return plan_of({block({28, 28, 1, 5, 2, 16, true, true}), block({14, 14, 16, 5, 2, 32, true, true}),
                  dense({1568, 10, true})});
}
// Every kind of layer, before and behind every other that needs something of it.
Plan mixed_plan() {
  const ImageShape first = {12, 11, 1};
  return plan_of({dropout_layer(0.1f, first), convolution({first, 3, 1, 1, 1, 1, 1, 12, 11, 9, true}, Activation::kTanh),
                  normalization({12, 11, 9}, kRelu), block({12, 11, 9, 3, 1, 10, true, true}),
                  normalization({6, 5, 10}), convolution({{6, 5, 10}, 2, 2, 1, 2, 0, 0, 3, 2, 8, false}, Activation::kSigmoid),
                  dropout_layer(0.2f, {3, 2, 8}), convolution({{3, 2, 8}, 3, 1, 2, 4, 2, 2, 3, 2, 20, true}),
                  layer_of(Layer::kActivation, {3, 2, 20}, Activation::kTanh), pool({{3, 2, 20}, 2, 1, false}, kRelu),
                  layer_of(Layer::kActivation, {1, 1, 40}, Activation::kSigmoid), dense({40, 17, true}, Activation::kTanh),
                  normalization({1, 1, 17}), dense({17, 4, true}, Activation::kSigmoid), normalization({1, 1, 4})});
}
// Means of overlapping squares, a normalization of the pixels, no dense layer.
Plan mean_plan() {
  const ImageShape first = {9, 13, 1};
  return plan_of({normalization(first), pool({first, 3, 2, true}), convolution({{4, 6, 1}, 4, 3, 1, 1, 1, 1, 1, 2, 6, true}, kRelu),
                  pool({{1, 2, 6}, 1, 1, true}), convolution({{1, 2, 6}, 1, 1, 1, 1, 0, 0, 1, 2, 3, true})});
}
// Dense layers that all threads share, the first of the network and a later one.
Plan large_plan() {
  return plan_of({dense({400, 331, true}, kRelu), dropout_layer(0.5f, {1, 1, 331}), dense({331, 400, false}, Activation::kTanh),
                  dense({400, 5, true})});
}

// Warped images.
Plan warped_plan() {
  Plan plan = plan_of({block({28, 28, 1, 5, 2, 16, true, true}), dropout_layer(0.3f, {14, 14, 16}), dense({14 * 14 * 16, 10, true})});
  plan.warp = {1.2f, 8, 0.08f, 0.1f, 0.5f};
  return plan;
}

// What goes into a job and comes out of it.
struct Run {
  Run(const Plan& plan, int batch, int steps, int thread_count) : plan(plan), batch(batch), threads(thread_count) {
    Random random(3);
    for (int index = 0; index < kImages * plan.image_bytes; index++)
      images.push_back(static_cast<uint8_t>(random.below(3) == 0 ? random.below(256) : 0));
    for (int index = 0; index < kImages; index++) labels.push_back(static_cast<uint8_t>(random.below(plan.classes())));
    for (int index = 0; index < batch * steps; index++) indices.push_back(random.below(kImages));
    for (int index = 0; index < plan.keys() * steps; index++) keys.push_back(random.below(1 << 30));
    for (int index = 0; index < plan.parameters(); index++) weights.push_back((random.below(2001) - 1000) * 2e-4f);
    size_t at = 0;
    for (const Layer& layer : plan.layers) {
      // Scales and running variances are not around 0.
      for (int index = 0; index < layer.parameters() && layer.kind == Layer::kNormalization; index++)
        weights[at + index] += index / layer.in.channels == 1 || index / layer.in.channels == 2 ? 0.0f : 1.0f;
      at += layer.parameters();
    }
    updates.assign(steps, {0.9f, 0.999f, 0.1f, 0.001f, 0.002f, 1e-7f, 1e-4f});
    means.resize(weights.size());
    squares.resize(weights.size());
    losses.resize(steps);
    correct.resize(steps);
  }
  TrainJob job() {
    return {&threads, images.data(), labels.data(), indices.data(), batch, static_cast<int>(updates.size()), keys.data(),
            updates.data(), losses.data(), correct.data()};
  }
  // The steps as calls of so many each.
  void train(Method method = Method::kAdam, int steps_at_once = 1000) {
    const std::unique_ptr<Trainer> trainer = engine.create_trainer(plan, method);
    trainer->write(Array::kWeights, weights.data());
    trainer->write(Array::kMeans, means.data());
    trainer->write(Array::kSquares, squares.data());
    const int steps = static_cast<int>(updates.size());
    for (int step = 0; step < steps; step += steps_at_once) {
      TrainJob some = job();
      some.indices += step * batch;
      some.keys += step * plan.keys();
      some.updates += step;
      some.losses += step;
      some.correct += step;
      some.steps = std::min(steps_at_once, steps - step);
      trainer->train(some);
    }
    trainer->read(Array::kWeights, weights.data());
    trainer->read(Array::kMeans, means.data());
    trainer->read(Array::kSquares, squares.data());
  }
  void train_plainly(Method method = Method::kAdam) {
    plain::train(plan, method, job(), weights.data(), means.data(), squares.data());
  }
  std::vector<float> predict() {
    std::vector<float> logits(static_cast<size_t>(kImages) * plan.classes());
    engine.predict({&plan, &threads, images.data(), kImages, weights.data(), logits.data()});
    return logits;
  }

  Plan plan;
  int batch;
  Threads threads;
  std::vector<uint8_t> images, labels;
  std::vector<int32_t> indices, correct;
  std::vector<uint32_t> keys;
  std::vector<UpdateStep> updates;
  std::vector<float> weights, means, squares, losses;
};

template <typename Value>
bool same_bits(const std::vector<Value>& left, const std::vector<Value>& right) {
  return left.size() == right.size() && std::memcmp(left.data(), right.data(), left.size() * sizeof(Value)) == 0;
}

void test_bits(const Plan& plan, int batch) {
  Run one(plan, batch, 3, 1);
  one.train();
  for (const float loss : one.losses) CHECK(std::isfinite(loss), "%g", loss);
  const std::vector<float> logits = one.predict();
  for (const int threads : {1, 2, 4}) {
    Run other(plan, batch, 3, threads);
    other.train();
    CHECK(same_bits(other.weights, one.weights) && same_bits(other.means, one.means) &&
              same_bits(other.squares, one.squares) && same_bits(other.losses, one.losses) &&
              same_bits(other.correct, one.correct),
          "%d threads, batch %d", threads, batch);
    CHECK(same_bits(other.predict(), logits), "%d threads", threads);
  }
  Run apart(plan, batch, 3, 2);
  apart.train(Method::kAdam, 1);
  CHECK(same_bits(apart.weights, one.weights) && same_bits(apart.squares, one.squares), "step by step, batch %d", batch);
}

// Batches of other sizes leave nothing behind.
void test_batch_sizes(const Plan& plan) {
  Run small(plan, 3, 1, 2), large(plan, 13, 1, 2), again(plan, 3, 1, 2);
  const std::unique_ptr<Trainer> trainer = engine.create_trainer(plan, Method::kDescent);
  for (Run* run : {&small, &large, &again}) {
    trainer->write(Array::kWeights, small.weights.data());
    trainer->train(run->job());
    trainer->read(Array::kWeights, run->means.data());
  }
  CHECK(same_bits(small.losses, again.losses) && same_bits(small.means, again.means), "%g, not %g", again.losses[0],
        small.losses[0]);
}

// The weights after some steps of each method.
void test_methods(const Plan& plan) {
  for (const Method method : {Method::kDescent, Method::kMomentum, Method::kAdam}) {
    Run run(plan, 6, 3, 2), expected(plan, 6, 3, 1);
    for (Run* each : {&run, &expected})
      for (UpdateStep& step : each->updates) step.epsilon = 1e-3f, step.decay = 0.01f;  // no sign of almost nothing
    run.train(method);
    expected.train_plainly(method);
    for (size_t index = 0; index < run.weights.size(); index++)
      CHECK(std::fabs(run.weights[index] - expected.weights[index]) < 2e-5, "method %d, parameter %zu: %g, not %g",
            static_cast<int>(method), index, run.weights[index], expected.weights[index]);
    if (method == Method::kDescent) CHECK(run.means == std::vector<float>(run.means.size()), "it remembers nothing");
  }
}

// The plan with fewer kinks, where the loss has no gradient.
Plan smooth(Plan plan) {
  for (Layer& layer : plan.layers) {
    if (layer.activation == kRelu) layer.activation = Activation::kTanh;
    layer.block.relu = false;
    layer.pool.is_mean = true;
  }
  return plan;
}

// How the plain loops' gradients agree with what the loss does when a parameter is moved.
void test_differences(const Plan& plan) {
  Run run(plan, 5, 1, 1);
  const UpdateStep none = {0, 0, 1, 1, 0, 1, 0};
  run.updates[0] = none;
  const std::vector<float> weights = run.weights;
  run.train_plainly();
  const std::vector<float> gradients = run.means;
  const auto loss_at = [&](size_t index, float move) {
    run.weights = weights;
    run.weights[index] += move;
    run.train_plainly();
    return run.losses[0];
  };
  for (size_t index = 0; index < weights.size(); index += 1 + weights.size() / 97) {
    const float move = 1e-3f, slope = (loss_at(index, move) - loss_at(index, -move)) / (2 * move);
    CHECK(std::fabs(slope - gradients[index]) < 2e-3 + 0.03 * std::fabs(slope), "parameter %zu: %g, not %g", index,
          gradients[index], slope);
  }
}

// With betas of 0 Adam's mean is the gradient.
void test_gradients(const Plan& plan, int batch) {
  Run run(plan, batch, 1, 2), expected(plan, batch, 1, 1);
  run.updates[0] = expected.updates[0] = {0, 0, 1, 1, 0, 1, 0};
  expected.train_plainly();
  run.train();
  CHECK(std::fabs(run.losses[0] - expected.losses[0]) < 1e-5, "%g, not %g", run.losses[0], expected.losses[0]);
  CHECK(run.correct[0] == expected.correct[0], "%d, not %d", run.correct[0], expected.correct[0]);
  float largest = 1;
  for (const float mean : expected.means) largest = std::max(largest, std::fabs(mean));
  for (size_t index = 0; index < run.means.size(); index++)
    CHECK(std::fabs(run.means[index] - expected.means[index]) < 1e-5 * largest, "parameter %zu: %g, not %g", index,
          run.means[index], expected.means[index]);
  // The running statistics of normalizations.
  for (size_t index = 0; index < run.weights.size(); index++)
    CHECK(std::fabs(run.weights[index] - expected.weights[index]) < 1e-5, "weight %zu: %g, not %g", index,
          run.weights[index], expected.weights[index]);
}

// A network that has diverged must not look sound: ReLU hides no missing number.
void test_no_number() {
  Run run(odd_plan(), 4, 1, 2);
  run.weights[0] = std::numeric_limits<float>::quiet_NaN();
  run.train();
  CHECK(std::isnan(run.losses[0]), "%g", run.losses[0]);
}
// Convolutions by Winograd's algorithm, with groups, dilation and a block among them.
Plan tiled_plan() {
  const ImageShape first = {8, 7, 1}, wide = {8, 7, 16};
  const ConvolutionShape shapes[] = {{wide, 3, 1, 1, 2, 1, 1, 8, 7, 16, true}, {wide, 3, 1, 2, 1, 2, 2, 8, 7, 16, false},
                                     {{4, 3, 17}, 5, 1, 1, 1, 2, 2, 4, 3, 19, true}};
  for (const ConvolutionShape& s : shapes) CHECK(fits_tiles(s), "kernel %d, dilation %d", s.kernel, s.dilation);
  const ConvShape middle = {8, 7, 16, 3, 1, 17, true, true};
  CHECK(fits_tiles(convolution_of(middle)), "block");
  return plan_of({convolution({first, 3, 1, 1, 1, 1, 1, 8, 7, 16, true}, kRelu), convolution(shapes[0], Activation::kTanh),
                  convolution(shapes[1]), normalization(wide, kRelu), block(middle), convolution(shapes[2], kRelu),
                  dense({228, 4, true})});
}

}  // namespace

void test_engine() {
  for (const int batch : {1, 3, 13}) {
    test_bits(odd_plan(), batch);
    test_bits(dense_plan(), batch);
    test_gradients(odd_plan(), batch);
    test_gradients(dense_plan(), batch);
    for (const Plan& plan : {mixed_plan(), mean_plan(), large_plan(), tiled_plan(), warped_plan()}) {
      test_bits(plan, batch);
      test_gradients(plan, batch);
    }
  }
  for (const Plan& plan : {odd_plan(), mixed_plan(), mean_plan(), large_plan(), tiled_plan(), warped_plan()}) {
    test_batch_sizes(plan);
    test_methods(plan);
  }
  test_differences(smooth(mixed_plan()));
  test_differences(smooth(mean_plan()));
  test_differences(smooth(tiled_plan()));
  test_bits(cnn_plan(), 50);
  test_gradients(cnn_plan(), 5);
  test_no_number();
}

}  // namespace mnist_test
