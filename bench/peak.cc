// Multiplies and adds as fast as the cores can, as many operations as it is given: a worker of bench/worker.ts.
// Compiled for the machine that it runs on, and thrown away.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#if defined(__AVX512F__)
constexpr int kBytes = 64;
#elif defined(__AVX__)
constexpr int kBytes = 32;
#else
constexpr int kBytes = 16;
#endif
typedef float Vector __attribute__((vector_size(kBytes)));
constexpr int kLanes = kBytes / 4;
// A result is there after 4 cycles and two can start in each: 8 chains would do.
constexpr int kChains = 12;

static volatile float sink;

static void multiply(double flops) {
  Vector sums[kChains];
  // Different starts: equal chains would be computed once.
  for (int chain = 0; chain < kChains; ++chain) sums[chain] = Vector{} + static_cast<float>(chain);
  const Vector factor = Vector{} + 0.999f, term = Vector{} + 0.001f;
  const long rounds = static_cast<long>(flops / (2.0 * kLanes * kChains));
  for (long round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (int chain = 0; chain < kChains; ++chain) sums[chain] = sums[chain] * factor + term;
  }
  Vector total{};
  for (const Vector& sum : sums) total += sum;
  sink = total[0];
}

static double number_after(const char* line, const char* key) {
  const char* found = std::strstr(line, key);
  return found ? std::atof(found + std::strlen(key)) : 0;
}

int main() {
  char line[4096];
  if (!std::fgets(line, sizeof line, stdin)) return 1;
  const int threads = static_cast<int>(number_after(line, "\"threads\":"));
  std::printf("{\"version\":\"FMA, %d lanes\"}\n", kLanes);
  std::fflush(stdout);
  while (std::fgets(line, sizeof line, stdin)) {
    const double flops = number_after(line, "\"flops\":") / threads;
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::thread> others;
    for (int thread = 1; thread < threads; ++thread) others.emplace_back(multiply, flops);
    multiply(flops);
    for (std::thread& other : others) other.join();
    const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - start;
    std::printf("{\"ms\":%.6f}\n", elapsed.count());
    std::fflush(stdout);
  }
}
