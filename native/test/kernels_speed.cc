// Time of each kernel an image, plain loop and fast version, for the two convolutions and the dense layer of the network
// cnn. GFLOP/s count the dense arithmetic, also what a kernel need not do, against what multiply-adds alone reach.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <type_traits>
#include <vector>

#include "../floats.h"
#include "../kernels/activation.h"
#include "../kernels/conv_filter_gradient.h"
#include "../kernels/conv_input_gradient.h"
#include "../kernels/conv_input_sliding.h"
#include "../kernels/conv_pixel_gradient.h"
#include "../kernels/conv_pool.h"
#include "../kernels/conv_pool_pixels.h"
#include "../kernels/conv_pool_rows.h"
#include "../kernels/conv_pool_winograd.h"
#include "../kernels/dense.h"
#include "../layer_state.h"
#include "../plain.h"
#include "check.h"

namespace mnist_test {

using namespace mnist;
using namespace mnist::MNIST_ISA;

namespace {

constexpr int kImages = 25, kRounds = 60;

#if defined(__x86_64__)
#define KEEP(vector) asm volatile("" : "+v"(vector))
#else
#define KEEP(vector) asm volatile("" : "+w"(vector))
#endif

// The fastest of some rounds, in microseconds: others may use the processor meanwhile.
double best_us(int rounds, const std::function<void()>& work) {
  double best = 1e30;
  for (int round = 0; round < rounds; round++) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - start;
    best = std::min(best, time.count());
  }
  return best;
}

// Multiply-adds on ten vectors that wait for nothing, GFLOP/s.
double measure_peak() {
  constexpr int kTurns = 100000;
  Vector a{}, b{}, c{}, d{}, e{}, f{}, g{}, h{}, i{}, j{};
  const Vector factor = broadcast(0.5f), term = broadcast(1e-3f);
  const auto add = [&](Vector& sum) __attribute__((always_inline)) {
    sum = sum * factor + term;
    KEEP(sum);
  };
  double best = 1e30;
  for (int round = 0; round < kRounds; round++) {
    const auto start = std::chrono::steady_clock::now();
    for (int turn = 0; turn < kTurns; turn++) add(a), add(b), add(c), add(d), add(e), add(f), add(g), add(h), add(i), add(j);
    const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - start;
    best = std::min(best, time.count());
  }
  return 2.0 * kTurns * 10 * kLanes / best * 1e-3;
}

double peak;

void report(const char* name, double flops, double plain_us, double fast_us) {
  const double plain = flops / plain_us * 1e-3, fast = flops / fast_us * 1e-3;
  std::printf("  %-24s plain %8.2f us %6.1f GFLOP/s   fast %7.2f us %6.1f GFLOP/s, %3.0f %% of peak, %5.1f times\n", name,
              plain_us, plain, fast_us, fast, 100 * fast / peak, plain_us / fast_us);
}

// A block of the network with the images that go in, its weights in all layouts, and gradients that come back.
struct Block {
  Block(const ConvShape& s, Random& random) : s(s), size(s.padded_height() * s.row_stride()) {
    const float limit = std::sqrt(6.0f / static_cast<float>(s.taps() + 25 * s.filters));
    for (int index = 0; index < s.weights(); index++) weights.push_back((random.below(2001) - 1000) * 1e-3f * limit);
    // Trained biases are not 0: what is blank before a block is not blank behind it.
    for (int index = 0; index < s.filters; index++) bias.push_back((random.below(2001) - 1000) * 5e-5f);
    in.resize(static_cast<size_t>(kImages) * (size + kLanes));
    out.resize(static_cast<size_t>(kImages) * s.outputs());
    codes.resize(out.size());
    for (size_t index = 0; index < out.size(); index++) d_out.push_back((random.below(2001) - 1000) * 1e-3f);
    by_filter.resize(by_filter_size(s));
    for (int filter = 0; filter < s.filters; filter++)
      for (int tap = 0; tap < s.taps(); tap++)
        by_filter.data()[(filter * s.kernel + tap / s.row_taps()) * row_floats(s) + tap % s.row_taps()] =
            weights[tap * s.filters + filter];
    packed.resize(packed_conv_size(s));
    for (int filter = 0; filter < s.filters; filter++) pack_filter(s, filter, by_filter.data(), packed.data());
  }
  float* image(int index) { return in.data() + static_cast<size_t>(index) * (size + kLanes); }
  double flops() const { return 2.0 * 4 * s.outputs() * s.taps(); }

  ConvShape s;
  int size;
  std::vector<float> weights, bias, out, d_out;
  std::vector<uint8_t> codes;
  Floats in, packed, by_filter;
};

// Strokes like a digit's in the middle of the image.
void draw_digits(Block& block, Random& random) {
  for (int image = 0; image < kImages; image++) {
    const float turns = 0.5f + 0.1f * static_cast<float>(random.below(11)), radius = 5.0f + random.below(4);
    for (float way = 0; way < 1; way += 0.01f) {
      const float angle = way * turns * 6.28f;
      const int x = static_cast<int>(14 + radius * 0.7f * std::cos(angle)), y = static_cast<int>(14 + radius * std::sin(angle));
      for (int pixel = 0; pixel < 4; pixel++)
        block.image(image)[block.s.border() + (y + pixel / 2) * block.s.row_stride() + x + pixel % 2] =
            0.5f + 0.1f * static_cast<float>(random.below(5));
    }
  }
}

template <typename Work>
double an_image_us(int rounds, const Work& work) {
  return best_us(rounds, [&] {
           for (int image = 0; image < kImages; image++) work(image);
         }) / kImages;
}

void measure_block(const char* name, Block& block) {
  const ConvShape& s = block.s;
  const int row = s.out_width() * s.filters;
  std::vector<float> d_weights(s.weights()), d_bias(s.filters);
  Floats d_in, d_by_filter;
  d_in.resize(block.size + s.kernel * s.in_channels);
  d_by_filter.resize(by_filter_size(s));
  std::vector<ActiveCells> active(kImages);
  Ink ink;
  WinogradScratch winograd;
  std::vector<uint32_t> filters;
  const auto out = [&](int image) { return block.out.data() + image * s.outputs(); };
  const auto d_out = [&](int image) { return block.d_out.data() + image * s.outputs(); };
  const auto codes = [&](int image) { return block.codes.data() + image * s.outputs(); };
  char title[64];
  const auto title_of = [&](const char* what) {
    std::snprintf(title, sizeof title, "%s %s", name, what);
    return title;
  };
  const double plain_us = an_image_us(3, [&](int image) {
    plain::conv_pool(s, block.image(image), block.weights.data(), block.bias.data(), out(image), codes(image));
  });
  report(title_of("forward"), block.flops(), plain_us, an_image_us(kRounds, [&](int image) {
           conv_pool(s, block.image(image), block.packed.data(), block.bias.data(), ink, out(image), row, codes(image));
         }));
  Floats panels, rows;
  panels.resize(panels_size(s.taps(), s.filters));
  for (int filter = 0; filter < s.filters; filter++) pack_filter_panel(s, filter, block.by_filter.data(), panels.data());
  const PatchSums sums = rows_sums(s);
  report(title_of("forward by rows"), block.flops(), plain_us, an_image_us(kRounds, [&](int image) {
           conv_pool_rows(s, sums, block.image(image), panels.data(), block.bias.data(), rows, out(image), row, codes(image));
         }));
  if (fits_pixels(s))
    report(title_of("forward by pixels"), block.flops(), plain_us, an_image_us(kRounds, [&](int image) {
             conv_pool_pixels(s, block.image(image), block.packed.data(), block.bias.data(), ink, out(image), row, codes(image));
           }));
  const auto measure_winograd = [&](const char* purpose, auto tile) {
    constexpr int kLarge = decltype(tile)::value;
    Floats points;
    points.resize(winograd_weights_size<kLarge>(s));
    for (int filter = 0; filter < s.filters; filter += kLanes)
      transform_weights<kLarge>(s, filter, block.by_filter.data(), points.data());
    report(title_of(purpose), block.flops(), plain_us, an_image_us(kRounds, [&](int image) {
             conv_pool_winograd<kLarge>(s, block.image(image), points.data(), block.by_filter.data(), block.bias.data(),
                                        winograd, out(image), row, codes(image));
           }));
  };
  if (fits_winograd(s)) {
    measure_winograd("Winograd to train", std::integral_constant<int, kToTrain>());
    measure_winograd("Winograd to predict", std::integral_constant<int, kToPredict>());
  }
  report(title_of("filter gradient"), block.flops(), an_image_us(3, [&](int image) {
           plain::conv_filter_gradient(s, block.image(image), d_out(image), codes(image), d_weights.data(), d_bias.data());
         }),
         an_image_us(kRounds, [&](int image) {
           if (fits_pixel_gradient(s))
             return conv_pixel_gradient(s, block.image(image), d_out(image), codes(image), ink, d_by_filter.data());
           active[image].list(s, d_out(image), codes(image));
           conv_filter_gradient(s, block.image(image), active[image], d_by_filter.data());
         }));
  if (s.in_channels == 1) return;  // nobody asks for the gradient of the pixels
  const double plain_input_us = an_image_us(3, [&](int image) {
    plain::conv_input_gradient(s, block.weights.data(), d_out(image), codes(image), d_in.data());
  });
  report(title_of("input gradient"), block.flops(), plain_input_us, an_image_us(kRounds, [&](int image) {
           // The lists are those of the filter gradient.
           conv_input_gradient(s, block.by_filter.data(), active[image], d_in.data());
         }));
  if (fits_sliding(s))
    report(title_of("input by sliding"), block.flops(), plain_input_us, an_image_us(kRounds, [&](int image) {
             conv_input_sliding(s, block.by_filter.data(), d_out(image), codes(image), filters, d_in.data());
           }));
}

void feed(const Block& from, Block& to) {
  for (int image = 0; image < kImages; image++)
    for (int at = 0; at < from.s.outputs(); at++) {
      const int row = to.s.in_width * to.s.in_channels;
      to.image(image)[to.s.border() + at / row * to.s.row_stride() + at % row] = from.out[image * from.s.outputs() + at];
    }
}

double active_percent(const Block& block) {
  int active = 0;
  for (const uint8_t code : block.codes) active += code != kInactive;
  return 100.0 * active / static_cast<double>(block.codes.size());
}

// A convolution of 3 x 3 without a pool, as in the middle of a deeper network, and the hyperbolic tangent of its outputs.
void measure_convolution(Random& random) {
  const ConvolutionShape s = {{14, 14, 32}, 3, 1, 1, 1, 1, 1, 14, 14, 64, true};
  LayerState state;
  state.frame = convolution_frame(s);
  state.weight_count = s.weights();
  prepare_patches(s, state, without_border(s.out()), true);
  state.parameters.resize(s.parameters());
  for (int index = 0; index < s.parameters(); index++) state.parameters.data()[index] = (random.below(2001) - 1000) * 5e-5f;
  pack_convolution(s, state, 0, s.depth());
  const ConvolutionState& own = state.convolution;
  const auto numbers = [&](int count) {
    Floats values;
    values.resize(count);
    for (int index = 0; index < count; index++) values.data()[index] = (random.below(2001) - 1000) * 1e-3f;
    return values;
  };
  Floats in = numbers(state.frame.size()), out = numbers(s.out().size()), d_out = numbers(own.backward.frame.size());
  Floats d_in = numbers(s.in.size()), d_weights = numbers(s.parameters());
  const float *weights = state.parameters.data(), *bias = weights + s.weights();
  const double flops = 2.0 * s.out().size() * s.depth();
  const double plain_us = best_us(3, [&] { plain::convolution(s, in.data(), weights, bias, out.data()); });
  report("3 x 3 forward", flops, plain_us, best_us(kRounds, [&] {
           sum_patches(own.forward, in.data(), state.packed.data(), bias, s.filters, out.data());
         }));
  // The plain loop computes both gradients together.
  const double plain_gradients_us = best_us(3, [&] {
    plain::convolution_gradients(s, in.data(), weights, d_out.data(), d_weights.data(), d_weights.data() + s.weights(),
                                 d_in.data());
  }) / 2;
  report("3 x 3 filter gradient", flops, plain_gradients_us, best_us(kRounds, [&] {
           add_patch_gradients(own.patches, in.data(), d_out.data(), s.filters, d_weights.data(), s.filters);
         }));
  report("3 x 3 input gradient", flops, plain_gradients_us, best_us(kRounds, [&] {
           sum_patches(own.backward.classes[0].sums, d_out.data(), own.panels[0].data(), nullptr, s.in.channels, d_in.data());
         }));
  const TilePlan plan(s);
  Floats to_points = numbers(tile_weights_size(s)), back = numbers(tile_weights_back_size(s)), d_points = to_points;
  Floats many_in = numbers(plan.images * s.in.size()), many_out = numbers(plan.images * s.out().size()), many_d_in = many_in;
  transform_kernel(s, 0, s.group_channels(), weights, to_points.data(), back.data());
  TileScratch scratch;
  const TileImages<const float> inputs{many_in.data(), static_cast<size_t>(s.in.size()), s.in.row()};
  const TileImages<float> outputs{many_out.data(), static_cast<size_t>(s.out().size()), s.out().row()};
  report("3 x 3 forward, Winograd", flops, plain_us, best_us(kRounds, [&] {
           convolve_tiles(s, plan, plan.images, inputs, to_points.data(), bias, scratch, outputs);
         }) / plan.images);
  report("3 x 3 gradients, Winograd", 2 * flops, 2 * plain_gradients_us, best_us(kRounds, [&] {
           tile_gradients(s, plan, plan.images, inputs, TileImages<const float>{outputs.data, outputs.size, outputs.row_stride},
                          back.data(), scratch, d_points.data(), TileImages<float>{many_d_in.data(), inputs.size, inputs.row_stride});
         }) / plan.images);
  const int count = s.out().size();
  const double plain_tanh_us = best_us(3, [&] { plain::activate(Activation::kTanh, count, out.data()); });
  const double tanh_us = best_us(kRounds, [&] { activate(Activation::kTanh, count, out.data()); });
  std::printf("  %-24s plain %8.2f us, fast %7.2f us, %d values\n", "tanh", plain_tanh_us, tanh_us, count);
}

void measure_dense(Random& random) {
  constexpr int kInputs = 1568, kUnits = 10, kRow = (kUnits + kLanes - 1) / kLanes * kLanes;
  Floats left, right, to;
  left.resize(kImages * kInputs);
  right.resize(kInputs * kRow);
  to.resize(kImages * kRow);
  for (int index = 0; index < kImages * kInputs; index++) left.data()[index] = static_cast<float>(random.below(3));
  report("dense forward", 2.0 * kInputs * kUnits, best_us(5, [&] {
           for (int image = 0; image < kImages; image++)
             plain::dense({kInputs, kUnits, false}, left.data() + image * kInputs, right.data(), nullptr,
                          to.data() + image * kRow);
         }) / kImages,
         best_us(kRounds, [&] {
           matmul(kImages, kInputs, kUnits, left.data(), {kInputs, 1}, right.data(), kRow, to.data(), kRow);
         }) / kImages);
}

void measure_adam() {
  constexpr int kCount = 28938;  // all parameters of cnn
  std::vector<float> gradients(kCount, 0.1f), weights(kCount), means(kCount), squares(kCount);
  const UpdateStep step = {0.9f, 0.999f, 0.1f, 0.001f, 0.001f, 1e-7f, 0};
  const double us = best_us(kRounds, [&] {
    plain::adam(step, kCount, gradients.data(), weights.data(), means.data(), squares.data());
  });
  std::printf("  %-24s %.1f us a step, %.0f parameters a us\n", "Adam", us, kCount / us);
}

}  // namespace

void measure_kernels();

void measure_kernels() {
  Random random(4);
  peak = measure_peak();
  std::printf("%s: multiply-adds alone reach %.0f GFLOP/s on one core; times an image\n", MNIST_TESTED_SET, peak);
  Block first({28, 28, 1, 5, 2, 16, true, true}, random), second({14, 14, 16, 5, 2, 32, true, true}, random);
  draw_digits(first, random);
  measure_block("conv1", first);
  feed(first, second);
  measure_block("conv2", second);
  std::printf("  active cells: conv1 %.0f %%, conv2 %.0f %%\n", active_percent(first), active_percent(second));
  measure_convolution(random);
  measure_dense(random);
  measure_adam();
}

}  // namespace mnist_test
