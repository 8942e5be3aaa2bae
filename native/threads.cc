#include "threads.h"

#include <chrono>
#include <cstdint>
#include <system_error>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace mnist {
namespace {

constexpr auto kBusyWait = std::chrono::microseconds(50);

// How this thread computes: the processor's control register, and its bits that flush numbers below the normal range to
// zero.
#if defined(__x86_64__)
constexpr uint64_t kFlush = 0x8040;  // FTZ and DAZ
uint64_t control() { return _mm_getcsr(); }
void set_control(uint64_t value) { _mm_setcsr(static_cast<unsigned>(value)); }
#elif defined(__aarch64__)
constexpr uint64_t kFlush = 1 << 24;  // FZ, of operands and results
uint64_t control() {
  uint64_t value;
  asm volatile("mrs %0, fpcr" : "=r"(value));
  return value;
}
void set_control(uint64_t value) { asm volatile("msr fpcr, %0" : : "r"(value)); }
#else
constexpr uint64_t kFlush = 0;
uint64_t control() { return 0; }
void set_control(uint64_t) {}
#endif

// Such numbers slow a core down a hundredfold and say nothing.
class FlushDenormals {
 public:
  FlushDenormals() : before_(control()) { set_control(before_ | kFlush); }
  ~FlushDenormals() { set_control(before_); }

 private:
  const uint64_t before_;
};

void relax() {
#if defined(__x86_64__)
  _mm_pause();
#else
  std::this_thread::yield();
#endif
}

// Waits busily until `is_done`, at most kBusyWait. Gives whether it came.
template <typename Condition>
bool wait_busily(Condition is_done) {
  const auto end = std::chrono::steady_clock::now() + kBusyWait;
  for (int round = 0;; round++) {
    if (is_done()) return true;
    relax();
    if (round % 64 == 63 && std::chrono::steady_clock::now() > end) return is_done();
  }
}

}  // namespace

Threads::Threads(int count) {
  try {
    for (int index = 1; index < count; index++) workers_.emplace_back([this] { serve(); });
  } catch (const std::system_error&) {
    // No more threads to be had: those that are there do the work.
  }
}

Threads::~Threads() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    is_ending_ = true;
    job_++;
  }
  wake_.notify_all();
  for (auto& worker : workers_) worker.join();
}

void Threads::run(int tasks, const std::function<void(int)>& work) {
  const FlushDenormals flush;
  std::lock_guard<std::mutex> one_job(run_mutex_);
  work_ = &work;
  tasks_ = tasks;
  next_ = 0;
  busy_ = static_cast<int>(workers_.size());
  {
    std::lock_guard<std::mutex> lock(mutex_);
    job_++;
  }
  wake_.notify_all();
  take_tasks();
  // The others are at most one task behind.
  while (busy_.load(std::memory_order_acquire) > 0) {
    if (!wait_busily([this] { return busy_.load(std::memory_order_acquire) == 0; })) std::this_thread::yield();
  }
}

void Threads::serve() {
  const FlushDenormals flush;
  uint32_t done = 0;
  while (true) {
    const auto is_called = [&] { return job_.load(std::memory_order_acquire) != done; };
    if (!wait_busily(is_called)) {
      std::unique_lock<std::mutex> lock(mutex_);
      wake_.wait(lock, is_called);
    }
    done++;
    if (is_ending_) return;
    take_tasks();
    busy_.fetch_sub(1, std::memory_order_release);
  }
}

void Threads::take_tasks() {
  for (int task = next_++; task < tasks_; task = next_++) (*work_)(task);
}

}  // namespace mnist
