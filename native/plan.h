// A network as the kernels see it, and the two jobs that are done with it.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/shapes.h"
#include "threads.h"

namespace mnist {

struct Layer {
  enum Kind { kConv, kDense, kDropout };
  Kind kind;
  ConvShape conv;    // kConv: convolution with its pool
  DenseShape dense;  // kDense
  float rate;        // kDropout
  int units;         // kDropout: values an image

  int parameters() const {
    return kind == kConv ? conv.parameters() : kind == kDense ? dense.parameters() : 0;
  }
  bool operator==(const Layer& other) const {
    if (kind != other.kind) return false;
    if (kind == kConv) return conv == other.conv;
    if (kind == kDense) return dense == other.dense;
    return rate == other.rate && units == other.units;
  }
};

// Blocks of convolutions first, then dense layers and dropout; the last layer is dense and gives the logits.
struct Plan {
  std::vector<Layer> layers;
  float pixel_scale, pixel_offset;
  int image_bytes;

  int classes() const { return layers.back().dense.units; }
  int parameters() const {
    int total = 0;
    for (const Layer& layer : layers) total += layer.parameters();
    return total;
  }
  int dropouts() const {
    int total = 0;
    for (const Layer& layer : layers) total += layer.kind == Layer::kDropout;
    return total;
  }
};

// What is the same for all weights in a step of Adam: the betas, 1 minus each (computed in double precision; in float it
// would be off by 1e-5), and rate and epsilon with the bias corrections taken in.
struct AdamStep {
  float beta1, beta2, rest1, rest2, rate, epsilon;
};

// `steps` whole steps. Weights, means and squares are one array each, layer by layer, each layer's kernel [taps][filters]
// or [inputs][units] and then its bias; they are changed in place.
struct TrainJob {
  const Plan* plan;
  Threads* threads;
  const uint8_t* images;    // all training images
  const uint8_t* labels;
  const int32_t* indices;   // [steps][batch]
  int batch, steps;
  const uint32_t* keys;     // [steps][dropouts]
  const AdamStep* adam;     // [steps]
  float *weights, *means, *squares;
  float* losses;            // [steps], the batch's mean before the update
  int32_t* correct;         // [steps]
};

// The logits of `count` images, dropout off.
struct PredictJob {
  const Plan* plan;
  Threads* threads;
  const uint8_t* images;
  int count;
  const float* weights;
  float* logits;  // [count][classes]
};

// The jobs, compiled for one instruction set.
struct Engine {
  const char* name;
  void (*train)(const TrainJob&);
  void (*predict)(const PredictJob&);
};

extern const Engine kPortableEngine;
#if defined(__x86_64__)
extern const Engine kAvx2Engine;
extern const Engine kAvx512Engine;
#endif

// The fastest engine that this processor runs, or the one of that name; nullptr where it cannot run.
const Engine* find_engine(const char* name);

}  // namespace mnist
