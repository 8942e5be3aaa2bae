// Softmax cross-entropy of one example: its loss, and the gradient of the mean loss over the batch.
#pragma once

#include <cmath>

namespace mnist {

struct Loss {
  float loss;
  bool is_correct;
};

// `gradient` gets (softmax(logits) - one-hot(label)) / batch. The first of equal logits is the prediction.
inline Loss softmax_cross_entropy(const float* logits, int classes, int label, int batch, float* gradient) {
  int best = 0;
  for (int c = 1; c < classes; c++)
    if (logits[c] > logits[best]) best = c;
  float total = 0;
  for (int c = 0; c < classes; c++) {
    gradient[c] = std::exp(logits[c] - logits[best]);
    total += gradient[c];
  }
  for (int c = 0; c < classes; c++) gradient[c] = (gradient[c] / total - (c == label ? 1.0f : 0.0f)) / batch;
  return {std::log(total) + logits[best] - logits[label], best == label};
}

}  // namespace mnist
