// The whole engine: the same bits with any number of threads, and the loss and gradients that plain.h gives.
#include <cmath>
#include <cstring>
#include <limits>

#include "../kernels/vector.h"
#include "../plain.h"
#include "../plan.h"
#include "check.h"

namespace mnist_test {

using namespace mnist;

namespace {

#if MNIST_LANES == 16
const Engine& engine = kAvx512Engine;
#elif MNIST_LANES == 8
const Engine& engine = kAvx2Engine;
#else
const Engine& engine = kPortableEngine;
#endif

constexpr int kImages = 60;

Layer conv(ConvShape shape) { return {Layer::kConv, shape, {}, 0, 0}; }
Layer dense(DenseShape shape) { return {Layer::kDense, {}, shape, 0, 0}; }
Layer dropout_layer(float rate, int units) { return {Layer::kDropout, {}, {}, rate, units}; }

Plan odd_plan() {
  return {{conv({12, 11, 1, 3, 1, 5, true, true}), conv({6, 5, 5, 2, 0, 18, true, false}), dense({72, 21, true, true}),
           dropout_layer(0.3f, 21), dense({21, 3, false, true})},
          1 / 255.0f, -0.1f, 132};
}
Plan dense_plan() {
  return {{dense({132, 7, true, false}), dropout_layer(0.5f, 7), dense({7, 3, false, false})}, 1 / 255.0f, 0, 132};
}
Plan cnn_plan() {
  return {{conv({28, 28, 1, 5, 2, 16, true, true}), conv({14, 14, 16, 5, 2, 32, true, true}),
           dense({1568, 10, false, true})},
          1 / 255.0f, 0, 784};
}

// What goes into a job and comes out of it.
struct Run {
  Run(const Plan& plan, int batch, int steps, int thread_count) : plan(plan), batch(batch), threads(thread_count) {
    Random random(3);
    for (int index = 0; index < kImages * plan.image_bytes; index++)
      images.push_back(static_cast<uint8_t>(random.below(3) == 0 ? random.below(256) : 0));
    for (int index = 0; index < kImages; index++) labels.push_back(static_cast<uint8_t>(random.below(plan.classes())));
    for (int index = 0; index < batch * steps; index++) indices.push_back(random.below(kImages));
    for (int index = 0; index < plan.dropouts() * steps; index++) keys.push_back(random.below(1 << 30));
    for (int index = 0; index < plan.parameters(); index++) weights.push_back((random.below(2001) - 1000) * 2e-4f);
    adam.assign(steps, {0.9f, 0.999f, 0.1f, 0.001f, 0.002f, 1e-7f});
    means.resize(weights.size());
    squares.resize(weights.size());
    losses.resize(steps);
    correct.resize(steps);
  }
  TrainJob job() {
    return {&plan, &threads, images.data(), labels.data(), indices.data(), batch, static_cast<int>(adam.size()),
            keys.data(), adam.data(), weights.data(), means.data(), squares.data(), losses.data(), correct.data()};
  }
  void train() { engine.train(job()); }
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
  std::vector<AdamStep> adam;
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
}

// With betas of 0 Adam's mean is the gradient.
void test_gradients(const Plan& plan, int batch) {
  Run run(plan, batch, 1, 2), expected(plan, batch, 1, 1);
  run.adam[0] = expected.adam[0] = {0, 0, 1, 1, 0, 1};
  plain::train(expected.job());
  run.train();
  CHECK(std::fabs(run.losses[0] - expected.losses[0]) < 1e-5, "%g, not %g", run.losses[0], expected.losses[0]);
  CHECK(run.correct[0] == expected.correct[0], "%d, not %d", run.correct[0], expected.correct[0]);
  for (size_t index = 0; index < run.means.size(); index++)
    CHECK(std::fabs(run.means[index] - expected.means[index]) < 1e-5, "parameter %zu: %g, not %g", index,
          run.means[index], expected.means[index]);
}

// A network that has diverged must not look sound: ReLU hides no missing number.
void test_no_number() {
  Run run(odd_plan(), 4, 1, 2);
  run.weights[0] = std::numeric_limits<float>::quiet_NaN();
  run.train();
  CHECK(std::isnan(run.losses[0]), "%g", run.losses[0]);
}

}  // namespace

void test_engine() {
  for (const int batch : {1, 3, 13}) {
    test_bits(odd_plan(), batch);
    test_bits(dense_plan(), batch);
    test_gradients(odd_plan(), batch);
    test_gradients(dense_plan(), batch);
  }
  test_bits(cnn_plan(), 50);
  test_gradients(cnn_plan(), 5);
  test_no_number();
}

}  // namespace mnist_test
