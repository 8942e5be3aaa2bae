// The pool of threads: every task once, nothing lost between runs, nothing burnt while idle, numbers below the normal
// range flushed to zero.
#include <time.h>

#include <chrono>
#include <memory>
#include <numeric>

#include "../threads.h"
#include "check.h"

namespace mnist_test {

using mnist::Threads;

namespace {

// Whether each of many runs did each of its tasks once.
bool runs_all(Threads& threads, int tasks, int runs) {
  std::vector<int> done(tasks);  // no atomics: a task belongs to one thread
  for (int run = 0; run < runs; run++) threads.run(tasks, [&](int task) { done[task]++; });
  for (const int count : done)
    if (count != runs) return false;
  return true;
}

double processor_ms() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec * 1e3 + time.tv_nsec * 1e-6;
}

void test_tasks() {
  for (const int count : {1, 2, 3, 8}) {
    Threads threads(count);
    CHECK(threads.count() == count, "%d", threads.count());
    for (const int tasks : {0, 1, 2, 7, 100}) CHECK(runs_all(threads, tasks, 200), "%d threads, %d tasks", count, tasks);
  }
}

// Sums of the run before are read by other threads in the next.
void test_order() {
  Threads threads(3);
  std::vector<int> values(64);
  for (int run = 0; run < 500; run++) {
    std::vector<int> next(values.size());
    threads.run(64, [&](int task) { next[task] = values[(task + 1) % 64] + values[task] % 2 + 1; });
    values = next;
  }
  int64_t total = std::accumulate(values.begin(), values.end(), int64_t{0});
  CHECK(values[0] == values[63], "%d and %d of %lld", values[0], values[63], static_cast<long long>(total));
}

void test_pools() {
  std::vector<std::unique_ptr<Threads>> pools;
  for (const int count : {2, 3, 4}) pools.push_back(std::make_unique<Threads>(count));
  for (int round = 0; round < 50; round++)
    for (auto& pool : pools) CHECK(runs_all(*pool, 5, 2), "round %d", round);
  for (int round = 0; round < 50; round++) {
    Threads brief(3);  // ends at once, its threads perhaps not yet awake
    if (round % 2 == 0) CHECK(runs_all(brief, 3, 1), "round %d", round);
  }
}

void test_callers() {
  Threads shared(2);
  bool is_right[3] = {};
  std::vector<std::thread> callers;
  for (bool& result : is_right) callers.emplace_back([&] { result = runs_all(shared, 9, 100); });
  for (auto& caller : callers) caller.join();
  CHECK(is_right[0] && is_right[1] && is_right[2], "three callers share a pool");
}

void test_idle() {
  Threads threads(4);
  CHECK(runs_all(threads, 8, 10), "before");
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const double before = processor_ms();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  const double spent = processor_ms() - before;
  CHECK(spent < 10, "%.1f ms of processor time in 200 ms of idling", spent);
  CHECK(runs_all(threads, 8, 10), "after");
}

void test_small_numbers() {
  const volatile float tiny = 1e-30f;
  Threads threads(3);
  std::vector<float> products(9, 1.0f);
  threads.run(9, [&](int task) { products[task] = tiny * 1e-10f; });
  for (const float product : products) CHECK(product == 0, "%g in a thread", product);
  CHECK(tiny * 1e-10f > 0, "the caller computes as before");
}

}  // namespace

void test_threads() {
  test_tasks();
  test_order();
  test_pools();
  test_callers();
  test_idle();
  test_small_numbers();
}

}  // namespace mnist_test
