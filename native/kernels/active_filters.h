// The terms of the active cells in another order: for each position before the pool the filters that are active there.
#pragma once

#include <vector>

#include "active_cells.h"

namespace mnist {
namespace MNIST_ISA {

// The terms of a row of positions, one position's behind the other's: an offset is that of a filter's weights. Behind the
// last position are kernel - 1 without any.
struct ActiveFilters {
  const int32_t* offsets;
  const float* gradients;
  const int *counts, *counts_end;
};

class FilterRow {
 public:
  // Row `y` of an image. Reads up to a vector past the end of `d_out` and `codes`.
  ActiveFilters list(const ConvShape& s, int y, const float* d_out, const uint8_t* codes) {
    const int positions = 2 * s.out_width(), most = positions * s.filters + kLanes;
    if (offsets_.size() < static_cast<size_t>(most)) offsets_.resize(most), gradients_.resize(most);
    counts_.assign(positions + s.kernel - 1, 0);
    const Mask lanes = lane_numbers();
    int end = 0;
    for (int x = 0; x < positions; x++) {
      const int at = (y / 2 * s.out_width() + x / 2) * s.filters, code = y % 2 * 2 + x % 2, start = end;
      for (int first = 0; first < s.filters; first += kLanes) {
        const Mask is_active = (load_bytes(codes + at + first) == Mask{} + code) & (lanes < Mask{} + s.filters - first);
        const uint32_t bits = lanes_with_bits(is_active);
        store_lanes(offsets_.data() + end, (lanes + first) * filter_floats(s), bits);
        store_lanes(gradients_.data() + end, load(d_out + at + first), bits);
        end += __builtin_popcount(bits);
      }
      counts_[x] = end - start;
    }
    return {offsets_.data(), gradients_.data(), counts_.data(), counts_.data() + counts_.size()};
  }

 private:
  std::vector<int32_t> offsets_;
  std::vector<float> gradients_;
  std::vector<int> counts_;
};

}  // namespace MNIST_ISA
}  // namespace mnist
