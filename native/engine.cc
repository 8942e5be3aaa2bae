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
#include "update.h"

namespace mnist {
namespace MNIST_ISA {
namespace {

constexpr int kPredictAtOnce = 12;  // images of a part

// Where a part of `count` things begins. Rounded up, the larger parts come first in each pair, so that two threads that take
// them in turn get as many each.
int start_of_part(int count, int part) { return (count * part + kParts - 1) / kParts; }

// The memory of the last network is kept for the next call, which is nearly always about the same one.
Network& network_for(std::unique_ptr<Network>& kept, const Plan& plan, int batch, bool trains) {
  if (kept == nullptr || !kept->fits(plan, batch)) kept = std::make_unique<Network>(plan, batch, trains);
  return *kept;
}

// Forward and backward through one part of a step's batch.
void run_part(Network& network, const TrainJob& job, int step, int part, std::vector<plain::Loss>& losses) {
  const int first = start_of_part(job.batch, part), end = start_of_part(job.batch, part + 1);
  const int32_t* indices = job.indices + static_cast<size_t>(step) * job.batch;
  const uint32_t* keys = job.keys + static_cast<size_t>(step) * network.plan.dropouts();
  const size_t last = network.states.size() - 1;
  forward(
      network, part, first, end,
      [&](int image) { return job.images + static_cast<size_t>(indices[image]) * network.plan.image_bytes; }, keys);
  for (int image = first; image < end; image++)
    losses[image] = plain::softmax_cross_entropy(network.logits_of(image), network.plan.classes(),
                                                 job.labels[indices[image]], job.batch, network.gradient_of(last, image));
  backward(network, part, first, end, keys);
}

void train_network(Network& network, const TrainJob& job) {
  network.import_values(job.weights, &LayerState::parameters);
  network.import_values(job.means, &LayerState::means);
  network.import_values(job.squares, &LayerState::squares);
  network.pack_all();
  const std::vector<UpdateTask> tasks = list_update_tasks(network.plan);
  std::vector<plain::Loss> losses(job.batch);
  for (int step = 0; step < job.steps; step++) {
    job.threads->run(kParts, [&](int part) { run_part(network, job, step, part, losses); });
    job.threads->run(static_cast<int>(tasks.size()),
                     [&](int task) { run_update(network, tasks[task], job.adam[step]); });
    double loss = 0;
    int correct = 0;
    for (const plain::Loss& one : losses) {
      loss += one.loss;
      correct += one.is_correct;
    }
    job.losses[step] = static_cast<float>(loss / job.batch);
    job.correct[step] = correct;
  }
  network.export_values(job.weights, &LayerState::parameters);
  network.export_values(job.means, &LayerState::means);
  network.export_values(job.squares, &LayerState::squares);
}

std::mutex one_at_a_time;

void train(const TrainJob& job) {
  std::lock_guard<std::mutex> lock(one_at_a_time);
  static std::unique_ptr<Network> kept;
  train_network(network_for(kept, *job.plan, job.batch, true), job);
}

void predict(const PredictJob& job) {
  std::lock_guard<std::mutex> lock(one_at_a_time);
  static std::unique_ptr<Network> kept;
  Network& network = network_for(kept, *job.plan, kParts * kPredictAtOnce, false);
  network.import_values(job.weights, &LayerState::parameters);
  network.pack_all();
  const int classes = job.plan->classes();
  job.threads->run(kParts, [&](int part) {
    const int place = part * kPredictAtOnce, end = start_of_part(job.count, part + 1);
    for (int start = start_of_part(job.count, part); start < end; start += kPredictAtOnce) {
      const int count = std::min(kPredictAtOnce, end - start);
      const auto image_of = [&](int image) {
        return job.images + static_cast<size_t>(start + image - place) * job.plan->image_bytes;
      };
      forward(network, part, place, place + count, image_of, nullptr);
      for (int image = 0; image < count; image++)
        std::copy_n(network.logits_of(place + image), classes, job.logits + static_cast<size_t>(start + image) * classes);
    }
  });
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
