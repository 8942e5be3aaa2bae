// Which pixels of an image hold anything: most of an image of a digit is empty, and sums over empty patches can be
// skipped.
#pragma once

#include <cstdint>
#include <vector>

#include "shapes.h"
#include "vector.h"

namespace mnist {
namespace MNIST_ISA {

constexpr int kMostInkColumns = 64;  // bits of a row

// Blocks that see one channel, whose kernels go by pixels.
static inline bool fits_pixels(const ConvShape& s) {
  return s.in_channels == 1 && (s.kernel == 5 || s.kernel == 3) && s.filters % kLanes == 0;
}

// Bit x of row y, both with the border, is 0 where all channels of that pixel are +0. Where an image is wider, no pixel
// counts as empty.
class Ink {
 public:
  // Reads, and ignores, up to a vector past the end of `in`.
  void find(const ConvShape& s, const float* in) {
    rows_.assign(s.padded_height(), ~uint64_t{0});
    if (s.padded_width() > kMostInkColumns) return;
    for (uint64_t& row : rows_) {
      row = s.in_channels == 1 ? row_of_pixels(in, s.padded_width()) : row_of_channels(in, s);
      in += s.row_stride();
    }
  }
  bool is_blank(int row, int column, int columns) const { return has_none(rows_[row], column, columns); }
  // Whether none of `count` bits from `column` on is set.
  static bool has_none(uint64_t bits, int column, int count) {
    return (bits >> column & ~(~uint64_t{0} << count)) == 0;
  }

  // Columns with anything in some rows.
  uint64_t columns_of(int row, int rows) const {
    uint64_t bits = 0;
    for (int end = row + rows; row < end; row++) bits |= rows_[row];
    return bits;
  }

 private:
  static uint64_t row_of_pixels(const float* in, int width) {
    uint64_t bits = 0;
    for (int x = 0; x < width; x += kLanes) bits |= static_cast<uint64_t>(lanes_with_bits(load_mask(in + x))) << x;
    return width == kMostInkColumns ? bits : bits & ~(~uint64_t{0} << width);
  }
  static uint64_t row_of_channels(const float* in, const ConvShape& s) {
    uint64_t bits = 0;
    for (int x = 0; x < s.padded_width(); x++, in += s.in_channels)
      bits |= static_cast<uint64_t>(!is_blank_pixel(in, s.in_channels)) << x;
    return bits;
  }

  std::vector<uint64_t> rows_;
};

}  // namespace MNIST_ISA
}  // namespace mnist
