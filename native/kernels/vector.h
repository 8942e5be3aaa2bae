// A vector of floats as wide as the instruction set that this file is compiled for. Everything that uses it is compiled
// once for each set, in a namespace of its own, and chosen when the program runs (dispatch.cc).
#pragma once

#include <cstdint>
#include <cstring>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
#define MNIST_ISA avx512
#define MNIST_LANES 16
#elif defined(__AVX2__) && defined(__FMA__)
#define MNIST_ISA avx2
#define MNIST_LANES 8
#else
#define MNIST_ISA portable
#define MNIST_LANES 4
#endif

namespace mnist {
namespace MNIST_ISA {

constexpr int kLanes = MNIST_LANES;
#if MNIST_LANES == 16 || defined(__aarch64__)
constexpr bool kHas32Registers = true;
#else
constexpr bool kHas32Registers = false;  // 16
#endif

typedef float Vector __attribute__((vector_size(MNIST_LANES * 4)));
typedef int32_t Mask __attribute__((vector_size(MNIST_LANES * 4)));
typedef uint8_t Bytes __attribute__((vector_size(MNIST_LANES)));
typedef float UnalignedVector __attribute__((vector_size(MNIST_LANES * 4), aligned(4), may_alias));
typedef int32_t UnalignedMask __attribute__((vector_size(MNIST_LANES * 4), aligned(4), may_alias));

static inline Vector load(const float* from) { return *reinterpret_cast<const UnalignedVector*>(from); }
static inline Mask load_mask(const float* from) { return *reinterpret_cast<const UnalignedMask*>(from); }
static inline void store(float* to, Vector values) { *reinterpret_cast<UnalignedVector*>(to) = values; }
static inline Vector broadcast(float value) { return value - Vector{}; }

// Sums that start in registers; an array that is set to {} starts in memory.
template <int kCount>
static inline __attribute__((always_inline)) void set_zero(Vector (&sums)[kCount]) {
#pragma GCC unroll 32
  for (int at = 0; at < kCount; at++) sums[at] = Vector{};
}
template <int kRows, int kColumns>
static inline __attribute__((always_inline)) void set_zero(Vector (&sums)[kRows][kColumns]) {
#pragma GCC unroll 32
  for (int row = 0; row < kRows; row++) set_zero(sums[row]);
}

// The sum over all positions, in four chains, so that none waits for the one before.
template <typename Value>
static inline __attribute__((always_inline)) Vector sum_positions(int positions, const Value& value) {
  Vector sums[4];
  set_zero(sums);
  int position = 0;
  for (; position + 4 <= positions; position += 4)
#pragma GCC unroll 4
    for (int chain = 0; chain < 4; chain++) sums[chain] += value(position + chain);
  for (; position < positions; position++) sums[0] += value(position);
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

// Stores the first `count` lanes alone, none where it is not positive.
static inline void store_some(float* to, Vector values, int count) {
  if (count >= kLanes) return store(to, values);
  for (int lane = 0; lane < kLanes; lane++)
    if (lane < count) to[lane] = values[lane];
}

// Bytes as whole numbers. GCC makes a load of each byte of __builtin_convertvector.
static inline Mask load_bytes(const uint8_t* from) {
#if MNIST_LANES == 16
  return reinterpret_cast<Mask>(_mm512_maskz_cvtepu8_epi32(0xffff, _mm_loadu_si128(reinterpret_cast<const __m128i*>(from))));
#elif MNIST_LANES == 8
  return reinterpret_cast<Mask>(_mm256_cvtepu8_epi32(_mm_loadu_si64(from)));
#else
  return Mask{from[0], from[1], from[2], from[3]};
#endif
}

// The same for small numbers, a byte each.
static inline void store_some_bytes(uint8_t* to, Mask values, int count) {
#if MNIST_LANES == 8
  const __m256i wide = reinterpret_cast<__m256i>(values);
  const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(wide), _mm256_extracti128_si256(wide, 1));
  const Bytes bytes = reinterpret_cast<Bytes>(_mm_cvtsi128_si64(_mm_packus_epi16(words, words)));
#else
  const Bytes bytes = __builtin_convertvector(values, Bytes);
#endif
  if (count >= kLanes) std::memcpy(to, &bytes, kLanes);
  for (int lane = 0; lane < kLanes; lane++)
    if (count < kLanes && lane < count) to[lane] = bytes[lane];
}

static inline bool has_no_bits(Mask values) {
#if MNIST_LANES == 16
  return _mm512_test_epi32_mask(reinterpret_cast<__m512i>(values), reinterpret_cast<__m512i>(values)) == 0;
#elif MNIST_LANES == 8
  return _mm256_testz_si256(reinterpret_cast<__m256i>(values), reinterpret_cast<__m256i>(values));
#else
  return (values[0] | values[1] | values[2] | values[3]) == 0;
#endif
}

// A bit for each lane that has any.
static inline uint32_t lanes_with_bits(Mask values) {
#if MNIST_LANES == 16
  return _mm512_test_epi32_mask(reinterpret_cast<__m512i>(values), reinterpret_cast<__m512i>(values));
#elif MNIST_LANES == 8
  return static_cast<uint32_t>(_mm256_movemask_ps(reinterpret_cast<__m256>(values != Mask{})));
#else
  uint32_t bits = 0;
  for (int lane = 0; lane < kLanes; lane++) bits |= static_cast<uint32_t>(values[lane] != 0) << lane;
  return bits;
#endif
}

// A bit for each of the first `count` bytes, at most 32, that is `value`.
static inline uint32_t equal_bytes(const uint8_t* from, int count, int value) {
#if MNIST_LANES == 16
  const __mmask32 valid = count < 32 ? (1u << count) - 1 : ~0u;
  return _mm256_mask_cmpeq_epi8_mask(valid, _mm256_maskz_loadu_epi8(valid, from), _mm256_set1_epi8(static_cast<char>(value)));
#else
  uint32_t bits = 0;
  for (int at = 0; at < 32 && at < count; at++) bits |= static_cast<uint32_t>(from[at] == value) << at;
  return bits;
#endif
}

// 0, 1, 2 ...
static inline Mask lane_numbers() {
  Mask lanes;
  for (int lane = 0; lane < kLanes; lane++) lanes[lane] = lane;
  return lanes;
}

#if MNIST_LANES == 16
// Stores the lanes that have a bit, one behind the other. What lies behind them is overwritten, up to a whole vector.
template <typename Value, typename Values>
static inline void store_lanes(Value* to, Values values, uint32_t bits) {
  _mm512_storeu_si512(to, _mm512_maskz_compress_epi32(static_cast<__mmask16>(bits), reinterpret_cast<__m512i>(values)));
}

// The lanes that `lanes` names, from 16 on those of `second`. Clang lacks GCC's __builtin_shuffle.
static inline Mask pick_lanes(Mask values, Mask lanes) {
  return reinterpret_cast<Mask>(_mm512_maskz_permutexvar_epi32(0xffff, reinterpret_cast<__m512i>(lanes),
                                                               reinterpret_cast<__m512i>(values)));
}
static inline Mask pick_lanes(Mask first, Mask second, Mask lanes) {
  return reinterpret_cast<Mask>(_mm512_permutex2var_epi32(
      reinterpret_cast<__m512i>(first), reinterpret_cast<__m512i>(lanes), reinterpret_cast<__m512i>(second)));
}
#endif

// Rows to columns: four perfect shuffles, or number by number.
static inline __attribute__((always_inline)) void transpose(Mask (&rows)[kLanes]) {
#if MNIST_LANES == 16
  const Mask lower = {0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23}, upper = lower + 8;
#pragma GCC unroll 4
  for (int round = 0; round < 4; round++) {
    Mask shuffled[16];
#pragma GCC unroll 8
    for (int row = 0; row < 8; row++) {
      shuffled[2 * row] = pick_lanes(rows[row], rows[row + 8], lower);
      shuffled[2 * row + 1] = pick_lanes(rows[row], rows[row + 8], upper);
    }
#pragma GCC unroll 16
    for (int row = 0; row < 16; row++) rows[row] = shuffled[row];
  }
#else
  for (int row = 0; row < kLanes; row++)
    for (int lane = 0; lane < row; lane++) {
      const int32_t value = rows[row][lane];
      rows[row][lane] = rows[lane][row];
      rows[lane][row] = value;
    }
#endif
}

// Whether `count` floats are all +0. Reads, and ignores, up to a vector past their end.
static inline bool is_blank_pixel(const float* from, int count) {
  Mask bits{};
  const Mask lanes = lane_numbers();
  for (; count > 0; count -= kLanes, from += kLanes) bits |= load_mask(from) & (lanes < Mask{} + count);
  return has_no_bits(bits);
}

}  // namespace MNIST_ISA
}  // namespace mnist
