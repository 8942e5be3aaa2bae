// Runs all tests of the kernels. Compiled for no instruction set, so that it can report that the processor lacks the one
// that the rest is compiled for: exit code 77 then, 1 where a check failed.
#include <cstdio>

#include "../processor.h"
#include "check.h"

namespace mnist_test {

int checks = 0, failures = 0;

}  // namespace mnist_test

int main() {
  using namespace mnist_test;
  if (!mnist::processor_runs(MNIST_TESTED_SET)) return 77;
  test_conv_kernels();
  test_image_kernels();
  test_winograd_kernels();
  test_other_kernels();
  test_threads();
  test_engine();
  std::printf("%d checks, %d failed\n", checks, failures);
  return failures == 0 ? 0 : 1;
}
