// Runs the measurements, unless the processor lacks the instruction set that they are compiled for: exit code 77 then.
#include "../processor.h"

namespace mnist_test {

void measure_kernels();

}  // namespace mnist_test

int main() {
  if (!mnist::processor_runs(MNIST_TESTED_SET)) return 77;
  mnist_test::measure_kernels();
}
