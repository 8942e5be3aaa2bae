// The two jobs, out of the kernels: whole steps of training, and prediction. Compiled once for each instruction set.
//
// The images of a batch are split into a fixed number of parts, and sums over parts are taken in their order, so that
// the bits do not depend on the number of threads.
#include <memory>
#include <mutex>

#include "backward.h"
#include "forward.h"
#include "network.h"
#include "plain.h"
#include "plan.h"
#include "stages.h"
#include "update.h"

namespace mnist {
namespace MNIST_ISA {
namespace {

constexpr int kPredictAtOnce = 12;  // images of a part

// Where a part of `count` things begins. Rounded up, the larger parts come first in each pair, so that two threads that
// take them in turn get as many each.
int start_of_part(int count, int part) { return (count * part + kParts - 1) / kParts; }

class NetworkTrainer : public Trainer {
 public:
  NetworkTrainer(const Plan& plan, Method method)
      : network_(plan, true), method_(method), stages_(list_stages(network_)), tasks_(list_update_tasks(network_)) {
    network_.prepare_method(method);
  }
  const Plan& plan() const override { return network_.plan; }
  void train(const TrainJob& job) override {
    std::lock_guard<std::mutex> lock(mutex_);
    network_.reserve_batch(job.batch);
    losses_.resize(job.batch);
    if (!is_packed_) network_.pack_all();
    is_packed_ = true;
    for (int step = 0; step < job.steps; step++) run_step(job, step);
  }
  void read(Array array, float* to) override {
    std::lock_guard<std::mutex> lock(mutex_);
    if (is_kept(array)) network_.export_values(to, floats_of(array));
    else std::fill(to, to + network_.plan.parameters(), 0.0f);
  }
  void write(Array array, const float* from) override {
    std::lock_guard<std::mutex> lock(mutex_);
    if (is_kept(array)) network_.import_values(from, floats_of(array));
    is_packed_ = is_packed_ && array != Array::kWeights;
  }

 private:
  bool is_kept(Array array) const {
    return array == Array::kWeights || method_ == Method::kAdam || (array == Array::kMeans && method_ == Method::kMomentum);
  }
  static Floats LayerState::* floats_of(Array array) {
    return array == Array::kWeights ? &LayerState::parameters
           : array == Array::kMeans ? &LayerState::means
                                    : &LayerState::squares;
  }

  void run_step(const TrainJob& job, int step) {
    for (const Stage& stage : stages_) {
      if (stage.whole != Stage::kNone) {
        run_whole(stage, job, step);
        continue;
      }
      const auto [kind, layer] = stage.actions.back();
      if (kind == Action::kStatistics || kind == Action::kGradientSums) network_.clear_sums(layer);
      job.threads->run(kParts, [&](int part) { run_part(stage, job, step, part); });
      if (kind == Action::kStatistics) network_.finish_statistics(layer, job.batch);
      if (kind == Action::kGradientSums) network_.finish_gradient_sums(layer, job.batch);
    }
    job.threads->run(static_cast<int>(tasks_.size()),
                     [&](int task) { run_update(network_, tasks_[task], job.batch, method_, job.updates[step]); });
    double loss = 0;
    int correct = 0;
    for (const plain::Loss& one : losses_) {
      loss += one.loss;
      correct += one.is_correct;
    }
    job.losses[step] = static_cast<float>(loss / job.batch);
    job.correct[step] = correct;
  }

  // Actions that follow each other and work on one image are done image by image, while it is in the caches.
  void run_part(const Stage& stage, const TrainJob& job, int step, int part) {
    const int first = start_of_part(job.batch, part), end = start_of_part(job.batch, part + 1);
    const uint32_t* keys = job.keys + static_cast<size_t>(step) * network_.plan.keys();
    const std::vector<Action>& actions = stage.actions;
    for (size_t at = 0; at < actions.size();) {
      size_t next = at;
      while (next < actions.size() && is_by_image(actions[next])) next++;
      for (int image = first; image < end && next > at; image++)
        for (size_t index = at; index < next; index++) act(actions[index], job, step, part, image);
      if (next == at) {
        const Action& action = actions[next++];
        if (action.kind == Action::kForward)
          forward_images(network_, action.layer, part, first, end);
        else
          backward_part(network_, action.layer, part, first, end, keys);
      }
      at = next;
    }
  }

  bool is_by_image(const Action& action) const {
    if (action.kind == Action::kForward) return network_.is_by_image(action.layer);
    return action.kind != Action::kBackward;
  }

  void act(const Action& action, const TrainJob& job, int step, int part, int image) {
    const int end = start_of_part(job.batch, part + 1);
    const int32_t* indices = job.indices + static_cast<size_t>(step) * job.batch;
    const uint32_t* keys = job.keys + static_cast<size_t>(step) * network_.plan.keys();
    const auto bytes_of = [&](int each) {
      return job.images + static_cast<size_t>(indices[each]) * network_.plan.image_bytes;
    };
    const size_t layer = action.layer;
    switch (action.kind) {
      case Action::kFill: {
        if (image + 1 < end) prefetch(bytes_of(image + 1), network_.plan.image_bytes);
        if (network_.plan.warp.is_none()) return fill_input(network_, image, bytes_of(image));
        uint8_t warped[plain::kWarpSide * plain::kWarpSide];
        plain::warp_image(network_.plan.warp, keys[network_.plan.dropouts()], indices[image], bytes_of(image), warped);
        return fill_input(network_, image, warped);
      }
      case Action::kForward:
      case Action::kNormalize: return forward_image(network_, layer, part, image, keys);
      case Action::kStatistics: return add_image_statistics(network_, layer, part, image);
      case Action::kLoss:
        losses_[image] = plain::softmax_cross_entropy(network_.logits_of(image), network_.plan.classes(),
                                                      job.labels[indices[image]], job.batch,
                                                      network_.gradient_of(layer, image), network_.plan.label_smoothing);
        return;
      case Action::kActivationGradient: return backward_activation(network_, layer, image);
      case Action::kGradientSums: return add_image_gradient_sums(network_, layer, part, image);
      case Action::kNormalizationGradient: return backward_normalization(network_, layer, image);
      case Action::kBackward: return;  // never by image
    }
  }

  // A large dense layer, forward by units and backward by input rows.
  void run_whole(const Stage& stage, const TrainJob& job, int step) {
    const bool is_forward = stage.whole == Stage::kForward;
    const DenseShape& s = network_.plan.layers[stage.layer].dense;
    const int count = is_forward ? s.units : s.inputs, size = is_forward ? kLargeUnitsPerTask : kLargeRowsPerTask;
    job.threads->run((count + size - 1) / size, [&](int task) {
      const int first = task * size, end = std::min(first + size, count);
      if (is_forward) forward_dense(network_, stage.layer, 0, job.batch, first, end);
      else backward_large_dense(network_, stage.layer, first, end, job.batch, method_, job.updates[step]);
    });
  }

  std::mutex mutex_;
  Network network_;
  const Method method_;
  const std::vector<Stage> stages_;
  const std::vector<UpdateTask> tasks_;
  std::vector<plain::Loss> losses_;
  bool is_packed_ = false;
};

std::unique_ptr<Trainer> create_trainer(const Plan& plan, Method method) {
  return std::make_unique<NetworkTrainer>(plan, method);
}

// The memory of the last network is kept for the next call, which is nearly always about the same one.
Network& network_for(std::unique_ptr<Network>& kept, const Plan& plan) {
  if (kept == nullptr || !(kept->plan == plan)) kept = std::make_unique<Network>(plan, false);
  kept->reserve_batch(kParts * kPredictAtOnce);
  return *kept;
}

void predict(const PredictJob& job) {
  static std::mutex one_at_a_time;
  static std::unique_ptr<Network> kept;
  std::lock_guard<std::mutex> lock(one_at_a_time);
  Network& network = network_for(kept, *job.plan);
  network.import_values(job.weights, &LayerState::parameters);
  network.pack_all();
  const int classes = job.plan->classes();
  job.threads->run(kParts, [&](int part) {
    const int place = part * kPredictAtOnce, end = start_of_part(job.count, part + 1);
    for (int start = start_of_part(job.count, part); start < end; start += kPredictAtOnce) {
      const int count = std::min(kPredictAtOnce, end - start);
      for (int image = 0; image < count; image++)
        fill_input(network, place + image, job.images + static_cast<size_t>(start + image) * job.plan->image_bytes);
      forward_all(network, part, place, place + count);
      for (int image = 0; image < count; image++)
        std::copy_n(network.logits_of(place + image), classes, job.logits + static_cast<size_t>(start + image) * classes);
    }
  });
}

}  // namespace
}  // namespace MNIST_ISA

#if MNIST_LANES == 16
const Engine kAvx512Engine = {"avx512", avx512::create_trainer, avx512::predict};
#elif MNIST_LANES == 8
const Engine kAvx2Engine = {"avx2", avx2::create_trainer, avx2::predict};
#else
const Engine kPortableEngine = {"portable", portable::create_trainer, portable::predict};
#endif

}  // namespace mnist
