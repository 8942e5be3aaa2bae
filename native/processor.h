// Which instruction sets the processor has. Asked by code that is compiled for none of them.
#pragma once

#include <cstring>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace mnist {

#if defined(__x86_64__)
// Whether the system keeps the registers of these states (XCR0) when it switches between programs.
inline bool system_keeps(unsigned states) {
  unsigned low = 0, high = 0;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (low & states) == states;
}

// The bits are those of Intel's manual, volume 2, CPUID. `__builtin_cpu_supports` would do, but for Zig, with which it
// always says no.
inline bool processor_has_vectors(bool of_512_bits) {
  unsigned a = 0, b = 0, c = 0, d = 0;
  const unsigned fma = 1u << 12, xgetbv = 1u << 27;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & fma) == 0 || (c & xgetbv) == 0) return false;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return false;
  const unsigned avx2 = 1u << 5, avx512 = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31;  // F, DQ, BW, VL
  return of_512_bits ? (b & avx512) == avx512 && system_keeps(0xe6) : (b & avx2) != 0 && system_keeps(0x06);
}
#endif

// Whether it runs what was compiled for "portable", "avx2" or "avx512".
inline bool processor_runs(const char* set) {
#if defined(__x86_64__)
  if (std::strcmp(set, "avx512") == 0) return processor_has_vectors(true);
  if (std::strcmp(set, "avx2") == 0) return processor_has_vectors(false);
#endif
  return std::strcmp(set, "portable") == 0;
}

}  // namespace mnist
