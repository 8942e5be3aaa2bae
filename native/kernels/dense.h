// Computes plain::dense, without bias, and plain::dense_gradients for a whole batch: all three are products of matrices,
// computed by kernels that keep a block of the result in registers.
// cnn's dense layer forward on one core of an AMD EPYC (Zen 5), AVX-512: 0.3 us an image, the plain loop 8.0.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "shapes.h"
#include "vector.h"

namespace mnist {
namespace MNIST_ISA {

// How a matrix lies in memory: the element of row r and column c is at r * row + c * column.
struct Strides {
  int row, column;
};

// Sums start in registers, not as an array of zeros in memory; so `kAdds` is known to the compiler.
template <int kVectors, int kRows, bool kAdds>
static void matmul_block(int depth, int columns, const float* left, Strides at, const float* right, int right_stride,
                         float* to, int to_stride) {
  const float* rows[kRows];
#pragma GCC unroll 12
  for (int r = 0; r < kRows; r++) rows[r] = left + static_cast<ptrdiff_t>(r) * at.row;
  Vector sums[kRows][kVectors];
#pragma GCC unroll 12
  for (int r = 0; r < kRows; r++)
#pragma GCC unroll 4
    for (int part = 0; part < kVectors; part++)
      sums[r][part] = kAdds ? load(to + static_cast<ptrdiff_t>(r) * to_stride + part * kLanes) : Vector{};
  ptrdiff_t offset = 0;
  for (int k = 0; k < depth; k++, offset += at.column, right += right_stride) {
    Vector values[kVectors];
#pragma GCC unroll 4
    for (int part = 0; part < kVectors; part++) values[part] = load(right + part * kLanes);
#pragma GCC unroll 12
    for (int r = 0; r < kRows; r++) {
      const Vector factor = broadcast(rows[r][offset]);
#pragma GCC unroll 4
      for (int part = 0; part < kVectors; part++) sums[r][part] += factor * values[part];
    }
  }
  if (columns >= kVectors * kLanes) {
#pragma GCC unroll 12
    for (int r = 0; r < kRows; r++)
#pragma GCC unroll 4
      for (int part = 0; part < kVectors; part++)
        store(to + static_cast<ptrdiff_t>(r) * to_stride + part * kLanes, sums[r][part]);
    return;
  }
#pragma GCC unroll 12
  for (int r = 0; r < kRows; r++)
#pragma GCC unroll 4
    for (int part = 0; part < kVectors; part++)
      store_some(to + static_cast<ptrdiff_t>(r) * to_stride + part * kLanes, sums[r][part], columns - part * kLanes);
}

using MatmulBlock = void (*)(int, int, const float*, Strides, const float*, int, float*, int);

// Blocks of kVectors by their number of rows, from 1 on.
template <int kVectors, bool kAdds, int... kRows>
constexpr std::array<MatmulBlock, sizeof...(kRows)> list_matmul_blocks(std::integer_sequence<int, kRows...>) {
  return {matmul_block<kVectors, kRows + 1, kAdds>...};
}

template <int kVectors>
static inline void matmul_columns(int rows, int depth, int columns, const float* left, Strides at, const float* right,
                                  int right_stride, float* to, int to_stride, bool adds) {
  constexpr int kRows = kVectors == 1 ? 12 : kHas32Registers ? 24 / kVectors : 12 / kVectors;
  static constexpr std::array<MatmulBlock, kRows> kBlocks[] = {
      list_matmul_blocks<kVectors, false>(std::make_integer_sequence<int, kRows>()),
      list_matmul_blocks<kVectors, true>(std::make_integer_sequence<int, kRows>())};
  // As many rows in each block, or one less: a block of few rows waits for its own sums.
  const int blocks = (rows + kRows - 1) / kRows;
  for (int block = 0, row = 0; block < blocks; block++) {
    const int end = static_cast<int>(static_cast<int64_t>(rows) * (block + 1) / blocks);
    kBlocks[adds][end - row - 1](depth, columns, left + static_cast<ptrdiff_t>(row) * at.row, at, right, right_stride,
                                 to + static_cast<ptrdiff_t>(row) * to_stride, to_stride);
    row = end;
  }
}

// to = left right, or that added to it. `right` has rows of whole vectors (their excess is read, not used); `to` gets
// `columns` alone, but up to a vector past them is read.
static inline void matmul(int rows, int depth, int columns, const float* left, Strides at, const float* right,
                          int right_stride, float* to, int to_stride, bool adds = false) {
  constexpr int kWidest = kLanes == 16 ? 4 : 2;
  int column = 0;
  for (; columns - column > (kWidest - 1) * kLanes; column += kWidest * kLanes)
    matmul_columns<kWidest>(rows, depth, columns - column, left, at, right + column, right_stride, to + column,
                            to_stride, adds);
  for (; column < columns; column += kLanes)
    matmul_columns<1>(rows, depth, columns - column, left, at, right + column, right_stride, to + column, to_stride,
                      adds);
}

static inline void matmul_at_once(int rows, int depth, int columns, const float* left, Strides at, const float* right,
                                  int right_stride, float* to, int to_stride) {
  matmul(rows, depth, columns, left, at, right, right_stride, to, to_stride);
}

// The same in pieces of the depth, whose rows of `right` stay in the first-level cache while all rows of `left` go by:
// for weights that fit no cache.
static inline void matmul_deep(int rows, int depth, int columns, const float* left, Strides at, const float* right,
                               int right_stride, float* to, int to_stride) {
  constexpr int kDepth = 256, kColumns = 128;
  for (int column = 0; column < columns; column += kColumns)
    for (int k = 0; k == 0 || k < depth; k += kDepth)
      matmul(rows, std::min(kDepth, depth - k), std::min(kColumns, columns - column), left + k * at.column, at,
             right + static_cast<size_t>(k) * right_stride + column, right_stride, to + column, to_stride, k > 0);
}

static inline float sum_lanes(Vector values) {
  float lanes[kLanes];
  store(lanes, values);
  for (int half = kLanes / 2; half > 0; half /= 2)
    for (int lane = 0; lane < half; lane++) lanes[lane] += lanes[lane + half];
  return lanes[0];
}

// The lane sums of each vector, `to` gets kCount of them.
template <int kCount>
static inline void sum_lanes_of(const Vector (&values)[kCount], float* to) {
#if MNIST_LANES == 8
  if (kCount <= 4) {
    const auto at = [&](int index) { return reinterpret_cast<__m256>(index < kCount ? values[index % kCount] : Vector{}); };
    const __m256 pairs = _mm256_hadd_ps(_mm256_hadd_ps(at(0), at(1)), _mm256_hadd_ps(at(2), at(3)));
    const __m128 sums = _mm_add_ps(_mm256_castps256_ps128(pairs), _mm256_extractf128_ps(pairs, 1));
    for (int index = 0; index < kCount; index++) to[index] = sums[index];
    return;
  }
#endif
  for (int index = 0; index < kCount; index++) to[index] = sum_lanes(values[index]);
}

template <int kRows, int kColumns>
static inline void matmul_transposed_block(int vectors, const float* left, int left_stride, const float* right,
                                           int right_stride, float* to, int to_stride) {
  Vector sums[kRows][kColumns];
  set_zero(sums);
  for (int k = 0; k < vectors * kLanes; k += kLanes) {
    Vector values[kColumns];
#pragma GCC unroll 4
    for (int column = 0; column < kColumns; column++) values[column] = load(right + column * right_stride + k);
#pragma GCC unroll 6
    for (int row = 0; row < kRows; row++) {
      const Vector factor = load(left + row * left_stride + k);
#pragma GCC unroll 4
      for (int column = 0; column < kColumns; column++) sums[row][column] += factor * values[column];
    }
  }
#pragma GCC unroll 6
  for (int row = 0; row < kRows; row++) sum_lanes_of(sums[row], to + static_cast<ptrdiff_t>(row) * to_stride);
}

// to [rows][columns] = left [rows][depth] times the transpose of right [columns][depth]. The depth is whole vectors.
static inline void matmul_transposed(int rows, int depth, int columns, const float* left, int left_stride,
                                     const float* right, int right_stride, float* to, int to_stride) {
  constexpr int kRows = kHas32Registers ? 6 : 4, kColumns = kHas32Registers ? 4 : 3;
  const int vectors = depth / kLanes;
  for (int column = 0; column < columns; column += kColumns) {
    const bool is_whole = column + kColumns <= columns;
    const int end = std::min(column + kColumns, columns);
    int row = 0;
    for (; is_whole && row + kRows <= rows; row += kRows)
      matmul_transposed_block<kRows, kColumns>(vectors, left + static_cast<size_t>(row) * left_stride, left_stride,
                                               right + static_cast<size_t>(column) * right_stride, right_stride,
                                               to + static_cast<size_t>(row) * to_stride + column, to_stride);
    for (; row < rows; row++)
      for (int each = column; each < end; each++)
        matmul_transposed_block<1, 1>(vectors, left + static_cast<size_t>(row) * left_stride, left_stride,
                                      right + static_cast<size_t>(each) * right_stride, right_stride,
                                      to + static_cast<size_t>(row) * to_stride + each, to_stride);
  }
}

}  // namespace MNIST_ISA
}  // namespace mnist
