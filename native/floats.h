// Memory for floats as the kernels want it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/vector.h"

namespace mnist {
namespace MNIST_ISA {

// Zeros at first. They begin on a cache line and end with slack: kernels may read and rewrite a vector past an end.
class Floats {
 public:
  void resize(size_t size) {
    values_.assign(size + kSlack + kLine, 0.0f);
    data_ = values_.data();
    while (reinterpret_cast<uintptr_t>(data_) % (kLine * sizeof(float)) != 0) data_++;
  }
  // At least so many, whatever they hold.
  void reserve(size_t size) {
    if (values_.size() < size + kSlack + kLine) resize(size);
  }
  float* data() { return data_; }
  const float* data() const { return data_; }
  bool is_empty() const { return values_.empty(); }

 private:
  static constexpr size_t kLine = 16, kSlack = 2 * kLanes;

  std::vector<float> values_;
  float* data_ = nullptr;
};

}  // namespace MNIST_ISA
}  // namespace mnist
