// Dropout's masks come from a counter: whether unit i is kept follows from the key and i alone, so that TypeScript and
// C++ draw the same mask, in any order and with any number of threads.
#pragma once

#include <cstdint>

namespace mnist {

// Appleby's MurmurHash3 finalizer over a Weyl sequence.
inline uint32_t counter_random(uint32_t key, uint32_t counter) {
  uint32_t value = key + counter * 0x9e3779b9u;
  value = (value ^ (value >> 16)) * 0x85ebca6bu;
  value = (value ^ (value >> 13)) * 0xc2b2ae35u;
  return value ^ (value >> 16);
}

// Random numbers below it drop their unit.
inline uint32_t dropout_threshold(float rate) {
  return static_cast<uint32_t>(static_cast<double>(rate) * 4294967296.0);
}

// Keeps a value, times 1 / (1 - rate), or drops it.
inline float dropout(float value, uint32_t key, uint32_t counter, uint32_t threshold, float scale) {
  return counter_random(key, counter) < threshold ? 0.0f : value * scale;
}

}  // namespace mnist
