// A network as the kernels see it, and the two jobs that are done with it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/shapes.h"
#include "threads.h"

namespace mnist {

struct Layer {
  // kBlock is a convolution with ReLU, or without, and a 2 x 2 max-pool; kActivation does nothing but its activation.
  enum Kind { kBlock, kDense, kDropout, kConvolution, kPool, kNormalization, kActivation };
  Kind kind;
  ImageShape in;
  Activation activation;  // of what the layer gives; none of a block, whose ReLU is inside
  ConvShape block;
  DenseShape dense;
  ConvolutionShape convolution;
  PoolShape pool;
  float rate;  // kDropout

  ImageShape out() const {
    switch (kind) {
      case kBlock: return {block.out_height(), block.out_width(), block.filters};
      case kDense: return {1, 1, dense.units};
      case kConvolution: return convolution.out();
      case kPool: return pool.out();
      default: return in;
    }
  }
  // Normalization has a scale and an offset for each channel, which are trained, and running mean and variance.
  int parameters() const {
    switch (kind) {
      case kBlock: return block.parameters();
      case kDense: return dense.parameters();
      case kConvolution: return convolution.parameters();
      case kNormalization: return 4 * in.channels;
      default: return 0;
    }
  }
  bool operator==(const Layer& other) const {
    return kind == other.kind && in == other.in && activation == other.activation && block == other.block &&
           dense == other.dense && convolution == other.convolution && pool == other.pool && rate == other.rate;
  }
};

// How far training images are warped at random: see warp.h. Nothing where all are 0.
struct Warp {
  float shift;     // pixels, along each axis
  float rotation;  // degrees
  float scale;     // a share of the size, and of either side alone half as much
  float shear;     // pixels along a row for each row
  float elastic;   // pixels, the standard deviation of each node of a grid

  bool is_none() const { return shift == 0 && rotation == 0 && scale == 0 && shear == 0 && elastic == 0; }
  bool operator==(const Warp& other) const {
    return shift == other.shift && rotation == other.rotation && scale == other.scale && shear == other.shear &&
           elastic == other.elastic;
  }
};

// What the last layer gives are the logits.
struct Plan {
  std::vector<Layer> layers;
  float pixel_scale, pixel_offset;
  int image_bytes;
  float label_smoothing = 0;  // the share of the wanted probability that all classes get alike; in training alone
  Warp warp = {};             // of images [28][28]; in training alone

  int classes() const { return layers.back().out().size(); }
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
  // Random keys that a step takes: one for each dropout layer, and then the warp's.
  int keys() const { return dropouts() + !warp.is_none(); }
  bool operator==(const Plan& other) const {
    return layers == other.layers && pixel_scale == other.pixel_scale && pixel_offset == other.pixel_offset &&
           image_bytes == other.image_bytes && label_smoothing == other.label_smoothing &&
           warp == other.warp;
  }
};

// Batch normalization, as tfjs has it.
constexpr float kNormalizationEpsilon = 1e-3f, kNormalizationDecay = 0.01f;  // of the running statistics

// How weights change. Descent remembers nothing, momentum a velocity for each weight, Adam the running means of the
// gradient and of its square.
enum class Method { kDescent, kMomentum, kAdam };

// What is the same for all weights in a step. Adam: the betas, 1 minus each (computed in double precision; in float it
// would be off by 1e-5), and rate and epsilon with the bias corrections taken in. Momentum: how much of the velocity
// stays is beta1. `decay` is what kernels lose of themselves besides: the rate times the weight decay.
struct UpdateStep {
  float beta1, beta2, rest1, rest2, rate, epsilon, decay;
};

// `steps` whole steps.
struct TrainJob {
  Threads* threads;
  const uint8_t* images;    // all training images
  const uint8_t* labels;
  const int32_t* indices;   // [steps][batch]
  int batch, steps;
  const uint32_t* keys;     // [steps][plan.keys()]
  const UpdateStep* updates;  // [steps]
  float* losses;            // [steps], the batch's mean before the update
  int32_t* correct;         // [steps]
};

// The arrays that training changes, each of as many numbers as the plan has parameters, layer by layer: a kernel
// [taps][filters] or [inputs][units] and then its bias, or the four arrays of a normalization. Momentum keeps its
// velocities as means.
enum class Array { kWeights, kMeans, kSquares };

// A network in training, with its weights and what the method remembers. All arrays are zero at first. Calls from
// several threads wait for each other.
class Trainer {
 public:
  virtual ~Trainer() = default;
  virtual const Plan& plan() const = 0;
  virtual void train(const TrainJob& job) = 0;
  virtual void read(Array array, float* to) = 0;
  virtual void write(Array array, const float* from) = 0;
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
  std::unique_ptr<Trainer> (*create_trainer)(const Plan& plan, Method method);
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
