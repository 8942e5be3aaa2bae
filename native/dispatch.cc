#include <cstring>

#include "plan.h"

namespace mnist {
namespace {

bool runs(const Engine& engine) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (&engine == &kAvx512Engine) return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
  if (&engine == &kAvx2Engine) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
  return &engine == &kPortableEngine;
}

}  // namespace

const Engine* find_engine(const char* name) {
  const Engine* const engines[] = {
#if defined(__x86_64__)
      &kAvx512Engine, &kAvx2Engine,
#endif
      &kPortableEngine};
  for (const Engine* engine : engines)
    if ((*name == '\0' || std::strcmp(name, engine->name) == 0) && runs(*engine)) return engine;
  return nullptr;
}

}  // namespace mnist
