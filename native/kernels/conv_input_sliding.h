// Computes plain::conv_input_gradient by positions: at each position before the pool, the weights of its active filters
// times their gradients are added to the input patch there. The patch stays in registers and slides: from one position
// to the next a column of pixels leaves and another one enters, where conv_input_gradient.h loads and stores a patch
// for every term.
// cnn's second block on one core of an AMD EPYC (Zen 5), AVX-512: 5.2 us an image, conv_input_gradient.h 8.4, the plain
// loop 108.
#pragma once

#include <algorithm>
#include <utility>

#include "active_filters.h"
#include "patches.h"

namespace mnist {
namespace MNIST_ISA {

// Shapes that it is for. Shorter vectors have half as many registers, and are faster by filters.
static inline bool fits_sliding(const ConvShape& s) {
  return kLanes == 16 && (s.in_channels == 16 || s.in_channels == 32) && (s.kernel == 5 || s.kernel == 3);
}

// The columns of pixels that cover one position, [kRows][kKernel], and where they are. `turn` of kKernel turns is the
// place of the leftmost one among the registers. All is inlined into one function, or nothing would stay in registers.
template <int kChannels, int kKernel, int kRows>
class SlidingPatch {
 public:
  // `weights` are those of the first filter, from the patch's first kernel row on; `active` is a bit for each position and
  // filter, `gradients` are a row of cells'. Starts at the left of `to`.
  __attribute__((always_inline)) SlidingPatch(const ConvShape& s, const float* weights, const std::vector<uint32_t>& active,
                                              const float* gradients, float* to)
      : weights_(weights), weights_stride_(filter_floats(s)), active_(active.data()), active_end_(active_ + active.size()),
        groups_(filter_groups(s)), gradients_(gradients), filters_(s.filters), to_(to), to_stride_(s.row_stride()) {
#pragma GCC unroll 8
    for (int column = 0; column < kKernel - 1; column++) load_column(column, column);
  }

  // All positions of a row.
  __attribute__((always_inline)) void slide() { turn_all(std::make_integer_sequence<int, kKernel>()); }

 private:
  template <int... kTurns>
  __attribute__((always_inline)) void turn_all(std::integer_sequence<int, kTurns...>) {
    while ((turn<kTurns>() && ...)) {
    }
  }

  // One position, or behind the last one just the next column. Gives whether there are more.
  template <int kTurn>
  __attribute__((always_inline)) bool turn() {
    load_column(kKernel - 1, (kTurn + kKernel - 1) % kKernel);
    const float* cell = gradients_ + position_ / 2 * filters_;
    for (int group = 0; group < groups_; group++)
#pragma GCC unroll 1
      for (uint32_t bits = *active_++; bits != 0; bits &= bits - 1)
        add<kTurn>(cell, group * kFilterGroup + __builtin_ctz(bits));
    float* row_to = to_;
#pragma GCC unroll 8
    for (int row = 0; row < kRows; row++, row_to += to_stride_) store(row_to, sums_[row][kTurn]);
    to_ += kChannels;
    position_++;
    return active_ < active_end_;
  }

  // One term.
  template <int kTurn>
  __attribute__((always_inline)) void add(const float* cell, int filter) {
    const float* from = weights_ + filter * weights_stride_;
    const Vector gradient = broadcast(cell[filter]);
#pragma GCC unroll 8
    for (int row = 0; row < kRows; row++)
#pragma GCC unroll 8
      for (int column = 0; column < kKernel; column++)
        sums_[row][(kTurn + column) % kKernel] += gradient * load(from + (row * kKernel + column) * kChannels);
  }

  __attribute__((always_inline)) void load_column(int column, int place) {
    const float* from = to_ + column * kChannels;
#pragma GCC unroll 8
    for (int row = 0; row < kRows; row++, from += to_stride_) sums_[row][place] = load(from);
  }

  Vector sums_[kRows][kKernel];
  const float* const weights_;
  const ptrdiff_t weights_stride_;
  const uint32_t *active_, *const active_end_;
  const int groups_;
  const float* const gradients_;
  const int filters_;
  int position_ = 0;
  float* to_;
  const ptrdiff_t to_stride_;
};

// Goes through all positions of a row with kernel rows from `kFirst` on, as many at a time as registers hold.
template <int kChannels, int kKernel, int kFirst = 0>
static void slide_patches(const ConvShape& s, const float* by_filter, const std::vector<uint32_t>& active,
                          const float* d_out, float* d_in) {
  constexpr int kRows = std::min(kSums / kKernel, kKernel - kFirst);
  for (int channel = 0; channel < kChannels; channel += kLanes)
    SlidingPatch<kChannels, kKernel, kRows>(s, by_filter + kFirst * kKernel * kChannels + channel, active, d_out,
                                            d_in + kFirst * s.row_stride() + channel)
        .slide();
  if constexpr (kFirst + kRows < kKernel)
    slide_patches<kChannels, kKernel, kFirst + kRows>(s, by_filter, active, d_out, d_in);
}

template <int kChannels>
static void slide_rows(const ConvShape& s, const float* by_filter, const float* d_out, const uint8_t* codes,
                       std::vector<uint32_t>& active, float* d_in) {
  const auto slide = s.kernel == 5 ? slide_patches<kChannels, 5> : slide_patches<kChannels, 3>;
  for (int y = 0; y < 2 * s.out_height(); y++, d_in += s.row_stride()) {
    find_active_filters(s, y, codes, active);
    slide(s, by_filter, active, d_out + y / 2 * s.out_width() * s.filters, d_in);
  }
}

// As conv_input_gradient, for shapes that fit; `active` is memory to work with. Touches, unchanged, up to kernel pixels past
// the end of `d_in`.
static inline void conv_input_sliding(const ConvShape& s, const float* by_filter, const float* d_out, const uint8_t* codes,
                                      std::vector<uint32_t>& active, float* d_in) {
  (s.in_channels == 16 ? slide_rows<16> : slide_rows<32>)(s, by_filter, d_out, codes, active, d_in);
}

}  // namespace MNIST_ISA
}  // namespace mnist
