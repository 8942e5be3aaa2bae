// Registers our ops in tfjs-node's own TensorFlow, through its C API, when this addon is loaded (after tfjs-node):
//
//   MnistCreate   plan settings -> trainer
//   MnistWrite    trainer array values -> trainer
//   MnistTrain    trainer images labels indices keys updates -> losses correct
//   MnistRead     trainer array -> values
//   MnistFree     trainer -> trainer
//   MnistPredict  plan settings images weights -> logits
//
// A trainer is a number that stands for a network in training, with its weights and what the method remembers. What each
// input holds is said in src/backend/ops.ts, the only caller, which checks every argument first.
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

constexpr int kHeader = 5;    // engine, threads, bytes of an image, layers, method
constexpr int kSettings = 8;  // scale and offset of pixels, label smoothing, warp; then a number for each layer
constexpr int kWarpedBytes = 28 * 28;
constexpr int kUpdateNumbers = sizeof(UpdateStep) / sizeof(float);
constexpr int kLayer = 15;  // kind, activation, bias, height, width, channels, sizes of the kind

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
  Method method;
};

// A layer out of its numbers, in the order of src/backend/op-plan.ts.
Layer parse_layer(const int32_t* n, float rate) {
  Layer layer{};
  layer.kind = static_cast<Layer::Kind>(n[0]);
  layer.activation = static_cast<Activation>(n[1]);
  const bool bias = n[2] != 0;
  layer.in = {n[3], n[4], n[5]};
  const int32_t* sizes = n + 6;
  if (layer.kind == Layer::kBlock) {
    layer.block = {n[3], n[4], n[5], sizes[0], sizes[1], sizes[2], layer.activation == Activation::kRelu, bias};
    layer.activation = Activation::kNone;
  }
  if (layer.kind == Layer::kDense) layer.dense = {layer.in.size(), sizes[0], bias};
  if (layer.kind == Layer::kDropout) layer.rate = rate;
  if (layer.kind == Layer::kConvolution)
    layer.convolution = {layer.in, sizes[0], sizes[1], sizes[2], sizes[3], sizes[4],
                         sizes[5], sizes[6], sizes[7], sizes[8], bias};
  if (layer.kind == Layer::kPool) layer.pool = {layer.in, sizes[0], sizes[1], sizes[2] != 0};
  return layer;
}

bool parse_plan(const int32_t* numbers, size_t count, const float* settings, size_t setting_count, ParsedPlan* parsed) {
  static const char* const kEngines[] = {"", "avx512", "avx2", "portable"};
  if (count < kHeader || numbers[0] < 0 || numbers[0] > 3 || numbers[1] < 1 || numbers[1] > 256 || numbers[2] < 1 ||
      numbers[4] < 0 || numbers[4] > 2)
    return false;
  const int layers = numbers[3];
  if (layers < 1 || count != static_cast<size_t>(kHeader) + static_cast<size_t>(layers) * kLayer) return false;
  if (setting_count != static_cast<size_t>(layers) + kSettings) return false;
  parsed->engine = find_engine(kEngines[numbers[0]]);
  parsed->threads = numbers[1];
  parsed->plan.image_bytes = numbers[2];
  parsed->method = static_cast<Method>(numbers[4]);
  parsed->plan.pixel_scale = settings[0];
  parsed->plan.pixel_offset = settings[1];
  parsed->plan.label_smoothing = settings[2];
  parsed->plan.warp = {settings[3], settings[4], settings[5], settings[6], settings[7]};
  if (!parsed->plan.warp.is_none() && numbers[2] != kWarpedBytes) return false;
  for (int index = 0; index < layers; index++)
    parsed->plan.layers.push_back(parse_layer(numbers + kHeader + index * kLayer, settings[kSettings + index]));
  return parsed->engine != nullptr;
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

// A network in training, and the threads that it was created for.
struct Session {
  std::unique_ptr<Trainer> trainer;
  int threads;
};

// All of them by their numbers, which are never used again. A call keeps what it works on until it ends.
class Sessions {
 public:
  int32_t add(std::shared_ptr<Session> session) {
    std::lock_guard<std::mutex> lock(mutex_);
    sessions_[++last_] = std::move(session);
    return last_;
  }
  std::shared_ptr<Session> find(int32_t number) {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto found = sessions_.find(number);
    return found == sessions_.end() ? nullptr : found->second;
  }
  bool remove(int32_t number) {
    std::lock_guard<std::mutex> lock(mutex_);
    return sessions_.erase(number) > 0;
  }

 private:
  std::mutex mutex_;
  std::map<int32_t, std::shared_ptr<Session>> sessions_;
  int32_t last_ = 0;
};

Sessions& sessions() {
  static Sessions* all = new Sessions();
  return *all;
}

// The session that an op's first input names, or nullptr.
std::shared_ptr<Session> find_session(Inputs& inputs) {
  size_t count = 0;
  const int32_t* number = inputs.get<int32_t>(0, &count);
  return count == 1 ? sessions().find(*number) : nullptr;
}

// Ops need an output: the trainer's number.
void give_number(Inputs& inputs, int32_t number) {
  int32_t* given = inputs.allocate<int32_t>(0, TF_INT32, {1});
  if (given == nullptr) return inputs.fail("out of memory");
  *given = number;
}

void compute_create(TF_OpKernelContext* context) {
  Inputs inputs(context);
  size_t plan_count = 0, setting_count = 0;
  const int32_t* numbers = inputs.get<int32_t>(0, &plan_count);
  const float* settings = inputs.get<float>(1, &setting_count);
  ParsedPlan parsed{};
  if (!parse_plan(numbers, plan_count, settings, setting_count, &parsed)) return inputs.fail("MnistCreate: invalid plan");
  auto session = std::make_shared<Session>();
  session->trainer = parsed.engine->create_trainer(parsed.plan, parsed.method);
  session->threads = parsed.threads;
  give_number(inputs, sessions().add(session));
}

void compute_free(TF_OpKernelContext* context) {
  Inputs inputs(context);
  size_t count = 0;
  const int32_t* number = inputs.get<int32_t>(0, &count);
  if (count != 1 || !sessions().remove(*number)) return inputs.fail("MnistFree: there is no such trainer");
  give_number(inputs, *number);
}

bool is_array(const int32_t* array, size_t count) { return count == 1 && *array >= 0 && *array <= 2; }

void compute_write(TF_OpKernelContext* context) {
  Inputs inputs(context);
  const std::shared_ptr<Session> session = find_session(inputs);
  if (session == nullptr) return inputs.fail("MnistWrite: there is no such trainer");
  size_t array_count = 0, value_count = 0;
  const int32_t* array = inputs.get<int32_t>(1, &array_count);
  const float* values = inputs.get<float>(2, &value_count);
  if (!is_array(array, array_count)) return inputs.fail("MnistWrite: there is no such array");
  if (value_count != static_cast<size_t>(session->trainer->plan().parameters()))
    return inputs.fail("MnistWrite: the size of the values differs from the plan's");
  session->trainer->write(static_cast<Array>(*array), values);
  give_number(inputs, *inputs.get<int32_t>(0));
}

void compute_read(TF_OpKernelContext* context) {
  Inputs inputs(context);
  const std::shared_ptr<Session> session = find_session(inputs);
  if (session == nullptr) return inputs.fail("MnistRead: there is no such trainer");
  size_t array_count = 0;
  const int32_t* array = inputs.get<int32_t>(1, &array_count);
  if (!is_array(array, array_count)) return inputs.fail("MnistRead: there is no such array");
  float* values = inputs.allocate<float>(0, TF_FLOAT, {session->trainer->plan().parameters()});
  if (values == nullptr) return inputs.fail("MnistRead: out of memory");
  session->trainer->read(static_cast<Array>(*array), values);
}

void compute_train(TF_OpKernelContext* context) {
  Inputs inputs(context);
  const std::shared_ptr<Session> session = find_session(inputs);
  if (session == nullptr) return inputs.fail("MnistTrain: there is no such trainer");
  size_t image_bytes = 0, label_bytes = 0, index_count = 0, key_count = 0, update_count = 0;
  const uint8_t* images = inputs.get<uint8_t>(1, &image_bytes);
  const uint8_t* labels = inputs.get<uint8_t>(2, &label_bytes);
  const int32_t* indices = inputs.get<int32_t>(3, &index_count);
  const int32_t* keys = inputs.get<int32_t>(4, &key_count);
  const float* updates = inputs.get<float>(5, &update_count);
  const Plan& plan = session->trainer->plan();
  const size_t steps = update_count / kUpdateNumbers;
  if (steps == 0 || index_count % steps != 0 || index_count == 0) return inputs.fail("MnistTrain: the indices are not whole batches");
  if (plan.keys() > 0 && key_count != steps * plan.keys()) return inputs.fail("MnistTrain: too few random keys");
  const size_t images_there = image_bytes / plan.image_bytes;
  for (size_t index = 0; index < index_count; index++) {
    const size_t image = static_cast<size_t>(indices[index]);
    if (indices[index] < 0 || image >= images_there || image >= label_bytes || labels[image] > plan.classes())
      return inputs.fail("MnistTrain: an index is out of range");
  }
  float* losses = inputs.allocate<float>(0, TF_FLOAT, {static_cast<int64_t>(steps)});
  int32_t* correct = inputs.allocate<int32_t>(1, TF_INT32, {static_cast<int64_t>(steps)});
  if (losses == nullptr || correct == nullptr) return inputs.fail("MnistTrain: out of memory");
  session->trainer->train({&threads_for(session->threads), images, labels, indices,
                           static_cast<int>(index_count / steps), static_cast<int>(steps),
                           reinterpret_cast<const uint32_t*>(keys), reinterpret_cast<const UpdateStep*>(updates), losses,
                           correct});
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
  const auto add = [&](const char* name, std::initializer_list<const char*> inputs,
                       std::initializer_list<const char*> outputs, void (*compute)(void*, TF_OpKernelContext*)) {
    if (TF_GetCode(status) == TF_OK) register_op(name, inputs, outputs, compute, status);
  };
  add("MnistCreate", {"plan: int32", "settings: float"}, {"trainer: int32"}, compute_safely<compute_create>);
  add("MnistWrite", {"trainer: int32", "array: int32", "values: float"}, {"same: int32"}, compute_safely<compute_write>);
  add("MnistTrain",
      {"trainer: int32", "images: int32", "labels: int32", "indices: int32", "keys: int32", "updates: float"},
      {"losses: float", "correct: int32"}, compute_safely<compute_train>);
  add("MnistRead", {"trainer: int32", "array: int32"}, {"values: float"}, compute_safely<compute_read>);
  add("MnistFree", {"trainer: int32"}, {"same: int32"}, compute_safely<compute_free>);
  add("MnistPredict", {"plan: int32", "settings: float", "images: int32", "weights: float"}, {"logits: float"},
      compute_safely<compute_predict>);
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
