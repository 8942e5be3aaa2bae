// A small pool of threads of our own: they wait busily for at most 50 us between two jobs, then sleep.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace mnist {

class Threads {
 public:
  explicit Threads(int count);
  ~Threads();
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

  // Threads there are, the caller's included: fewer than requested where the system gives no more.
  int count() const { return static_cast<int>(workers_.size()) + 1; }

  // Runs work(0) ... work(tasks - 1), each once, on all threads, the caller's included; returns when all are done.
  // Who runs which task is chance: results may depend on the task's number alone. Calls from several threads wait for
  // each other; `work` must not throw, and must not call this.
  void run(int tasks, const std::function<void(int)>& work);

 private:
  void serve();
  void take_tasks();

  std::vector<std::thread> workers_;
  std::mutex run_mutex_;  // one job at a time
  std::mutex mutex_;
  std::condition_variable wake_;
  const std::function<void(int)>* work_ = nullptr;
  int tasks_ = 0;
  std::atomic<uint32_t> job_{0};       // counts jobs; a change is the call to work
  std::atomic<int> next_{0};           // the next task to take
  std::atomic<int> busy_{0};           // workers that have not finished the job
  std::atomic<bool> is_ending_{false};
};

}  // namespace mnist
