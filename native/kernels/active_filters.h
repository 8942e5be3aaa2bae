// The active cells seen from the positions before the pool: for each position, the filters whose maximum was there.
// conv_input_sliding.h goes through these.
#pragma once

#include <vector>

#include "shapes.h"
#include "vector.h"

namespace mnist {
namespace MNIST_ISA {

constexpr int kFilterGroup = 32;  // bits of a word

static inline int filter_groups(const ConvShape& s) { return round_up(s.filters, kFilterGroup) / kFilterGroup; }

// Writes the bits of a row of positions, [position][group of filters], and behind the last kernel - 1 positions without any.
static inline void find_active_filters(const ConvShape& s, int y, const uint8_t* codes, std::vector<uint32_t>& rows) {
  const int positions = 2 * s.out_width(), groups = filter_groups(s);
  rows.assign(static_cast<size_t>(positions + s.kernel - 1) * groups, 0);
  for (int x = 0; x < positions; x++) {
    const uint8_t* cell = codes + (y / 2 * s.out_width() + x / 2) * s.filters;
    const int code = y % 2 * 2 + x % 2;
    for (int group = 0; group < groups; group++)
      rows[x * groups + group] = equal_bytes(cell + group * kFilterGroup, s.filters - group * kFilterGroup, code);
  }
}

}  // namespace MNIST_ISA
}  // namespace mnist
