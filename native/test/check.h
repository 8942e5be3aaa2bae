// Checks that count instead of ending the program, and numbers to feed kernels with.
//
// Most numbers are small integers: sums of their products are exact in any order, so that a kernel and its plain loop
// must agree in every bit, and ties are frequent.
#pragma once

#include <cstdint>
#include <cstdio>
#include <vector>

namespace mnist_test {

extern int checks, failures;

#define CHECK(condition, ...)                                      \
  do {                                                             \
    mnist_test::checks++;                                          \
    if (!(condition)) {                                            \
      mnist_test::failures++;                                      \
      std::fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #condition); \
      std::fprintf(stderr, __VA_ARGS__);                           \
      std::fprintf(stderr, "\n");                                  \
    }                                                              \
  } while (false)

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 2 + 1) {}
  // From 0 to limit - 1.
  int below(int limit) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<int>((state_ >> 33) % limit);
  }
  // Integers from -3 to 3.
  std::vector<float> integers(size_t count) {
    std::vector<float> values(count);
    for (float& value : values) value = static_cast<float>(below(7) - 3);
    return values;
  }

 private:
  uint64_t state_;
};

void test_conv_kernels();
void test_image_kernels();
void test_winograd_kernels();
void test_other_kernels();
void test_threads();
void test_engine();

}  // namespace mnist_test
