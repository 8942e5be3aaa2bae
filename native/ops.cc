// Registers our ops in tfjs-node's own TensorFlow, through its C API, when this addon is loaded (after tfjs-node):
//
//   MnistTrain    plan settings images labels indices keys adam weights means squares -> weights means squares losses correct
//   MnistPredict  plan settings images weights -> logits
//
// What each input holds is said in src/backend/ops.ts, the only caller, which checks every argument first.
#include <node_api.h>

#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "plan.h"
#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_status.h"
#include "tensorflow/c/tf_tensor.h"

namespace mnist {
namespace {

constexpr int kHeader = 4;  // engine, threads, bytes of an image, layers
constexpr int kAdamNumbers = sizeof(AdamStep) / sizeof(float);
constexpr int kLayer = 8;   // kind and sizes of a layer

// The inputs of one call; each is given back when the call ends.
class Inputs {
 public:
  explicit Inputs(TF_OpKernelContext* context) : context_(context), status_(TF_NewStatus()) {}
  ~Inputs() {
    for (TF_Tensor* tensor : tensors_) TF_DeleteTensor(tensor);
    TF_DeleteStatus(status_);
  }
  template <typename Value>
  const Value* get(int index, size_t* count = nullptr) {
    if (count != nullptr) *count = 0;
    TF_Tensor* tensor = nullptr;
    TF_GetInput(context_, index, &tensor, status_);
    if (TF_GetCode(status_) != TF_OK) return nullptr;
    tensors_.push_back(tensor);
    if (count != nullptr) *count = TF_TensorByteSize(tensor) / sizeof(Value);
    return static_cast<const Value*>(TF_TensorData(tensor));
  }
  template <typename Value>
  Value* allocate(int index, TF_DataType type, std::initializer_list<int64_t> shape) {
    size_t bytes = sizeof(Value);
    for (int64_t size : shape) bytes *= size;
    TF_Tensor* tensor = TF_AllocateOutput(context_, index, type, const_cast<int64_t*>(shape.begin()),
                                          static_cast<int>(shape.size()), bytes, status_);
    if (TF_GetCode(status_) != TF_OK) return nullptr;
    tensors_.push_back(tensor);
    return static_cast<Value*>(TF_TensorData(tensor));
  }
  void fail(const char* message) {
    TF_SetStatus(status_, TF_INVALID_ARGUMENT, message);
    TF_OpKernelContext_Failure(context_, status_);
  }

 private:
  TF_OpKernelContext* context_;
  TF_Status* status_;
  std::vector<TF_Tensor*> tensors_;
};

struct ParsedPlan {
  Plan plan;
  const Engine* engine;
  int threads;
};

bool parse_plan(const int32_t* numbers, size_t count, const float* settings, size_t setting_count, ParsedPlan* parsed) {
  static const char* const kEngines[] = {"", "avx512", "avx2", "portable"};
  if (count < kHeader || numbers[0] < 0 || numbers[0] > 3 || numbers[1] < 1 || numbers[1] > 256 || numbers[2] < 1)
    return false;
  const int layers = numbers[3];
  if (layers < 1 || count != static_cast<size_t>(kHeader + layers * kLayer)) return false;
  parsed->engine = find_engine(kEngines[numbers[0]]);
  parsed->threads = numbers[1];
  parsed->plan.image_bytes = numbers[2];
  if (setting_count != static_cast<size_t>(2 + layers)) return false;
  parsed->plan.pixel_scale = settings[0];
  parsed->plan.pixel_offset = settings[1];
  for (int index = 0; index < layers; index++) {
    const int32_t* n = numbers + kHeader + index * kLayer;
    Layer layer{};
    layer.kind = static_cast<Layer::Kind>(n[0]);
    const bool relu = n[7] & 1, bias = n[7] & 2;
    if (layer.kind == Layer::kConv) layer.conv = {n[1], n[2], n[3], n[4], n[5], n[6], relu, bias};
    if (layer.kind == Layer::kDense) layer.dense = {n[1], n[2], relu, bias};
    if (layer.kind == Layer::kDropout) {
      layer.units = n[1];
      layer.rate = settings[2 + index];
    }
    parsed->plan.layers.push_back(layer);
  }
  return parsed->engine != nullptr && parsed->plan.layers.back().kind == Layer::kDense;
}

// One pool for each number of threads that was ever requested; they sleep while there is nothing to do.
Threads& threads_for(int count) {
  static std::mutex mutex;
  static std::map<int, std::unique_ptr<Threads>>* pools = new std::map<int, std::unique_ptr<Threads>>();
  std::lock_guard<std::mutex> lock(mutex);
  std::unique_ptr<Threads>& pool = (*pools)[count];
  if (pool == nullptr) pool = std::make_unique<Threads>(count);
  return *pool;
}

void compute_train(TF_OpKernelContext* context) {
  Inputs inputs(context);
  size_t plan_count = 0, setting_count = 0, image_bytes = 0, label_bytes = 0, index_count = 0, key_count = 0;
  size_t adam_count = 0, sizes[3] = {};
  const int32_t* numbers = inputs.get<int32_t>(0, &plan_count);
  const float* settings = inputs.get<float>(1, &setting_count);
  const uint8_t* images = inputs.get<uint8_t>(2, &image_bytes);
  const uint8_t* labels = inputs.get<uint8_t>(3, &label_bytes);
  const int32_t* indices = inputs.get<int32_t>(4, &index_count);
  const int32_t* keys = inputs.get<int32_t>(5, &key_count);
  const float* adam = inputs.get<float>(6, &adam_count);
  const float* given[3];
  for (int index = 0; index < 3; index++) given[index] = inputs.get<float>(7 + index, &sizes[index]);
  ParsedPlan parsed{};
  if (!parse_plan(numbers, plan_count, settings, setting_count, &parsed)) return inputs.fail("MnistTrain: invalid plan");
  const Plan& plan = parsed.plan;
  const size_t parameters = plan.parameters(), steps = adam_count / kAdamNumbers;
  for (size_t size : sizes)
    if (size != parameters) return inputs.fail("MnistTrain: the size of weights, means or squares differs from the plan's");
  if (steps == 0 || index_count % steps != 0 || index_count == 0) return inputs.fail("MnistTrain: the indices are not whole batches");
  if (plan.dropouts() > 0 && key_count != steps * plan.dropouts()) return inputs.fail("MnistTrain: too few dropout keys");
  const size_t images_there = image_bytes / plan.image_bytes;
  for (size_t index = 0; index < index_count; index++) {
    const size_t image = static_cast<size_t>(indices[index]);
    if (indices[index] < 0 || image >= images_there || image >= label_bytes || labels[image] > plan.classes())
      return inputs.fail("MnistTrain: an index is out of range");
  }
  float* results[3];
  for (int index = 0; index < 3; index++) {
    results[index] = inputs.allocate<float>(index, TF_FLOAT, {static_cast<int64_t>(parameters)});
    if (results[index] == nullptr) return inputs.fail("MnistTrain: out of memory");
    std::memcpy(results[index], given[index], parameters * sizeof(float));
  }
  float* losses = inputs.allocate<float>(3, TF_FLOAT, {static_cast<int64_t>(steps)});
  int32_t* correct = inputs.allocate<int32_t>(4, TF_INT32, {static_cast<int64_t>(steps)});
  if (losses == nullptr || correct == nullptr) return inputs.fail("MnistTrain: out of memory");
  parsed.engine->train({&plan, &threads_for(parsed.threads), images, labels, indices,
                        static_cast<int>(index_count / steps), static_cast<int>(steps),
                        reinterpret_cast<const uint32_t*>(keys), reinterpret_cast<const AdamStep*>(adam), results[0],
                        results[1], results[2], losses, correct});
}

void compute_predict(TF_OpKernelContext* context) {
  Inputs inputs(context);
  size_t plan_count = 0, setting_count = 0, image_bytes = 0, weight_count = 0;
  const int32_t* numbers = inputs.get<int32_t>(0, &plan_count);
  const float* settings = inputs.get<float>(1, &setting_count);
  const uint8_t* images = inputs.get<uint8_t>(2, &image_bytes);
  const float* weights = inputs.get<float>(3, &weight_count);
  ParsedPlan parsed{};
  if (!parse_plan(numbers, plan_count, settings, setting_count, &parsed)) return inputs.fail("MnistPredict: invalid plan");
  if (weight_count != static_cast<size_t>(parsed.plan.parameters()))
    return inputs.fail("MnistPredict: the size of the weights differs from the plan's");
  const int count = static_cast<int>(image_bytes / parsed.plan.image_bytes);
  float* logits = inputs.allocate<float>(0, TF_FLOAT, {count, parsed.plan.classes()});
  if (logits == nullptr) return inputs.fail("MnistPredict: out of memory");
  parsed.engine->predict({&parsed.plan, &threads_for(parsed.threads), images, count, weights, logits});
}

// No C++ exception may cross into TensorFlow, which is compiled without them.
template <void (*compute)(TF_OpKernelContext*)>
void compute_safely(void*, TF_OpKernelContext* context) {
  try {
    compute(context);
  } catch (const std::exception& error) {
    Inputs(context).fail(error.what());
  }
}

void unknown_shape(TF_ShapeInferenceContext* context, TF_Status* status) {
  TF_ShapeInferenceContextSetUnknownShape(context, status);
}

void register_op(const char* name, std::initializer_list<const char*> inputs, std::initializer_list<const char*> outputs,
                 void (*compute)(void*, TF_OpKernelContext*), TF_Status* status) {
  TF_OpDefinitionBuilder* definition = TF_NewOpDefinitionBuilder(name);
  for (const char* input : inputs) TF_OpDefinitionBuilderAddInput(definition, input);
  for (const char* output : outputs) TF_OpDefinitionBuilderAddOutput(definition, output);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(definition, unknown_shape);
  TF_RegisterOpDefinition(definition, status);
  if (TF_GetCode(status) != TF_OK) return;
  TF_KernelBuilder* kernel = TF_NewKernelBuilder(
      name, "CPU", [](TF_OpKernelConstruction*) -> void* { return nullptr; }, compute, [](void*) {});
  TF_RegisterKernelBuilder(name, kernel, status);
}

std::string register_ops() {
  TF_Status* status = TF_NewStatus();
  register_op("MnistTrain",
              {"plan: int32", "settings: float", "images: int32", "labels: int32", "indices: int32", "keys: int32",
               "adam: float", "weights: float", "means: float", "squares: float"},
              {"new_weights: float", "new_means: float", "new_squares: float", "losses: float", "correct: int32"},
              compute_safely<compute_train>, status);
  if (TF_GetCode(status) == TF_OK)
    register_op("MnistPredict", {"plan: int32", "settings: float", "images: int32", "weights: float"}, {"logits: float"},
                compute_safely<compute_predict>, status);
  std::string message = TF_GetCode(status) == TF_OK ? "" : TF_Message(status);
  TF_DeleteStatus(status);
  return message;
}

napi_value init(napi_env env, napi_value exports) {
  // Registering a second time would end the process, and a worker thread runs this again.
  static std::once_flag once;
  static std::string problem;
  std::call_once(once, [] { problem = register_ops(); });
  if (!problem.empty()) napi_throw_error(env, nullptr, problem.c_str());
  napi_value engine;
  const Engine* fastest = find_engine("");
  napi_create_string_utf8(env, fastest->name, NAPI_AUTO_LENGTH, &engine);
  napi_set_named_property(env, exports, "engine", engine);
  return exports;
}

}  // namespace
}  // namespace mnist

NAPI_MODULE(mnist_ops, mnist::init)
