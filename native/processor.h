// Which instruction sets the processor has. Asked by code that is compiled for none of them.
#pragma once

#include <cstring>

namespace mnist {

// Whether it runs what was compiled for "portable", "avx2" or "avx512".
inline bool processor_runs(const char* set) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (std::strcmp(set, "avx512") == 0)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
  if (std::strcmp(set, "avx2") == 0) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
  return std::strcmp(set, "portable") == 0;
}

}  // namespace mnist
