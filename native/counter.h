// Random numbers that nothing must be drawn before, as src/core/counter.ts has them.
#pragma once

#include <cstdint>

namespace mnist {

// A random number for each counter: Appleby's MurmurHash3 finalizer over a Weyl sequence.
static inline uint32_t counter_random(uint32_t key, uint32_t counter) {
  uint32_t value = key + counter * 0x9e3779b9u;
  value = (value ^ (value >> 16)) * 0x85ebca6bu;
  value = (value ^ (value >> 13)) * 0xc2b2ae35u;
  return value ^ (value >> 16);
}

}  // namespace mnist
