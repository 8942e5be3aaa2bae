// The rest of plain.h and its kernels: products of matrices, Adam, softmax, dropout, and the vector operations under
// all of them.
#include <algorithm>
#include <cmath>
#include <limits>

#include "../kernels/dense.h"
#include "../plain.h"
#include "check.h"

namespace mnist_test {

using namespace mnist;
using namespace mnist::MNIST_ISA;

namespace {

// The first `columns` of each row.
std::vector<float> remove_gaps(const std::vector<float>& from, int rows, int row, int columns) {
  std::vector<float> to;
  for (int r = 0; r < rows; r++) to.insert(to.end(), from.begin() + r * row, from.begin() + r * row + columns);
  return to;
}

// A row of the product is what a dense layer makes of that row.
void test_matmul(int rows, int depth, int columns, bool is_transposed, Random& random) {
  const Strides at = is_transposed ? Strides{1, rows} : Strides{depth, 1};
  const int right_row = round_up(columns, kLanes);
  // Nothing is empty: to a null pointer no offset may be added.
  const auto size = [](int row_count, int length) { return static_cast<size_t>(std::max(row_count * length, 1)); };
  const std::vector<float> left = random.integers(size(rows, depth)), right = random.integers(size(depth, right_row));
  const int row = columns + 2;  // the gap must stay as it is
  std::vector<float> expected(size(rows, row), 7.0f), to = expected;
  const DenseShape shape = {depth, columns, false};
  const std::vector<float> weights = remove_gaps(right, depth, right_row, columns);
  for (int r = 0; r < rows; r++) {
    std::vector<float> in(depth);
    for (int k = 0; k < depth; k++) in[k] = left[r * at.row + k * at.column];
    plain::dense(shape, in.data(), weights.data(), nullptr, &expected[r * row]);
  }
  matmul(rows, depth, columns, left.data(), at, right.data(), right_row, to.data(), row);
  CHECK(to == expected, "%d x %d x %d", rows, depth, columns);
  to.assign(to.size(), 7.0f);
  matmul_deep(rows, depth, columns, left.data(), at, right.data(), right_row, to.data(), row);
  CHECK(to == expected, "%d x %d x %d, in pieces", rows, depth, columns);
}

void test_matmul_transposed(int rows, int depth, int columns, Random& random) {
  const int length = round_up(depth, kLanes), row = columns + 2;
  std::vector<float> left(std::max(rows * length, 1)), right(columns * length), expected(std::max(rows * row, 1), 7.0f);
  for (int r = 0; r < rows; r++)
    for (int k = 0; k < depth; k++) left[r * length + k] = static_cast<float>(random.below(7) - 3);
  for (int c = 0; c < columns; c++)
    for (int k = 0; k < depth; k++) right[c * length + k] = static_cast<float>(random.below(7) - 3);
  std::vector<float> to = expected;
  for (int r = 0; r < rows; r++)
    for (int c = 0; c < columns; c++) {
      expected[r * row + c] = 0;
      for (int k = 0; k < depth; k++) expected[r * row + c] += left[r * length + k] * right[c * length + k];
    }
  matmul_transposed(rows, length, columns, left.data(), length, right.data(), length, to.data(), row);
  CHECK(to == expected, "%d x %d x %d, transposed", rows, depth, columns);
}

void test_adam(int count) {
  const UpdateStep step = {0.9f, 0.999f, 0.1f, 0.001f, 0.01f, 1e-7f, 0.001f};
  std::vector<float> gradients(count), weights(count), means(count), squares(count);
  for (int index = 0; index < count; index++) {
    gradients[index] = static_cast<float>(index % 5 - 2) * 0.3f;  // with zeros
    weights[index] = static_cast<float>(index % 7) - 3;
    means[index] = static_cast<float>(index % 3 - 1) * 0.1f;
    squares[index] = static_cast<float>(index % 4) * 0.01f;
  }
  const std::vector<float> old_weights = weights, old_means = means, old_squares = squares;
  plain::adam(step, count, gradients.data(), weights.data(), means.data(), squares.data());
  for (int index = 0; index < count; index++) {
    const double mean = 0.9 * old_means[index] + 0.1 * gradients[index];
    const double square = 0.999 * old_squares[index] + 0.001 * gradients[index] * gradients[index];
    const double weight = old_weights[index] * (1 - 0.001) - 0.01 * mean / (std::sqrt(square) + 1e-7);
    CHECK(std::fabs(means[index] - mean) < 1e-6, "%d of %d", index, count);
    CHECK(std::fabs(squares[index] - square) < 1e-6, "%d of %d", index, count);
    CHECK(std::fabs(weights[index] - weight) < 1e-5 * (1 + std::fabs(weight)), "%d of %d", index, count);
  }
}

void test_softmax() {
  const float logits[] = {1.0f, 3.0f, 3.0f, -2.0f};
  float gradient[4];
  const plain::Loss loss = plain::softmax_cross_entropy(logits, 4, 2, 5, gradient);
  const double total = std::exp(1.0) + 2 * std::exp(3.0) + std::exp(-2.0);
  CHECK(std::fabs(loss.loss - (std::log(total) - 3)) < 1e-6, "%g", loss.loss);
  CHECK(!loss.is_correct, "the first of equal logits is the prediction");
  CHECK(plain::softmax_cross_entropy(logits, 4, 1, 5, gradient).is_correct, "the first of equal logits is the prediction");
  for (int c = 0; c < 4; c++) {
    const double expected = (std::exp(logits[c]) / total - (c == 1)) / 5;
    CHECK(std::fabs(gradient[c] - expected) < 1e-7, "class %d: %g", c, gradient[c]);
  }
  const plain::Loss smooth = plain::softmax_cross_entropy(logits, 4, 1, 5, gradient, 0.2f);
  CHECK(std::fabs(smooth.loss - (std::log(total) - (0.8 * 3 + 0.05 * (1 + 3 + 3 - 2)))) < 1e-6, "%g", smooth.loss);
  for (int c = 0; c < 4; c++) {
    const double expected = (std::exp(logits[c]) / total - (c == 1 ? 0.85 : 0.05)) / 5;
    CHECK(std::fabs(gradient[c] - expected) < 1e-7, "smooth, class %d: %g", c, gradient[c]);
  }
  const float huge[] = {1e30f, 0.0f};
  CHECK(plain::softmax_cross_entropy(huge, 2, 0, 1, gradient).loss == 0, "no overflow");
  const float one[] = {4.0f};
  CHECK(plain::softmax_cross_entropy(one, 1, 0, 1, gradient).loss == 0 && gradient[0] == 0, "a single class");
  const float unknown[] = {std::numeric_limits<float>::quiet_NaN(), 0.0f};
  CHECK(std::isnan(plain::softmax_cross_entropy(unknown, 2, 0, 1, gradient).loss), "no number stays none");
}

void test_dropout() {
  const std::vector<float> in(10000, 3.0f);
  std::vector<float> out(in.size());
  plain::dropout(0.25f, 12345, 0, 10000, in.data(), out.data());
  int dropped = 0;
  for (const float value : out) {
    CHECK(value == 0 || value == 4, "%g", value);
    dropped += value == 0;
  }
  CHECK(dropped > 2300 && dropped < 2700, "%d", dropped);
  std::vector<float> rest(in.size());
  plain::dropout(0.25f, 12345, 7000, 3000, in.data(), rest.data());
  CHECK(std::equal(rest.begin(), rest.begin() + 3000, out.begin() + 7000), "units are counted");
  plain::dropout(0, 1, 0, 10000, in.data(), out.data());
  CHECK(out == in, "rate 0 keeps all");
}

void test_stores() {
  std::vector<float> values(kLanes), to(kLanes);
  std::vector<uint8_t> bytes(kLanes);
  for (int count = -1; count <= kLanes; count++) {
    for (int lane = 0; lane < kLanes; lane++) values[lane] = static_cast<float>(lane % 5), to[lane] = bytes[lane] = 9;
    store_some(to.data(), load(values.data()), count);
    store_some_bytes(bytes.data(), __builtin_convertvector(load(values.data()), Mask), count);
    for (int lane = 0; lane < kLanes; lane++) {
      CHECK(to[lane] == (lane < count ? values[lane] : 9), "lane %d of %d", lane, count);
      CHECK(bytes[lane] == (lane < count ? values[lane] : 9), "lane %d of %d", lane, count);
    }
  }
}

void test_blank() {
  for (int count = 0; count <= 3 * kLanes; count++) {
    std::vector<float> values(count + kLanes, 1.0f);
    for (int index = 0; index < count; index++) values[index] = 0;
    CHECK(is_blank_pixel(values.data(), count), "%d", count);
    if (count == 0) continue;
    values[count - 1] = 1e-30f;
    CHECK(!is_blank_pixel(values.data(), count), "%d, the last", count);
    values[count - 1] = 0;
    values[0] = -1;
    CHECK(!is_blank_pixel(values.data(), count), "%d, the first", count);
  }
}

}  // namespace

void test_other_kernels() {
  Random random(2);
  for (const int rows : {0, 1, 3, 4, 5, 12, 13, 25, 50})
    for (const int depth : {0, 1, 7, 50, 129})
      for (const int columns : {1, 10, 15, 16, 17, 64, 65, 130})
        for (const bool is_transposed : {false, true}) test_matmul(rows, depth, columns, is_transposed, random);
  for (const int rows : {0, 1, 4, 5, 13})
    for (const int depth : {1, 16, 50})
      for (const int columns : {1, 2, 3, 4, 12, 13}) test_matmul_transposed(rows, depth, columns, random);
  for (const int count : {0, 1, 7, 16, 33, 200}) test_adam(count);
  test_softmax();
  test_dropout();
  test_stores();
  test_blank();
}

}  // namespace mnist_test
