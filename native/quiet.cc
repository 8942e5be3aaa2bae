// Loads shared libraries while standard error leads to nowhere: TensorFlow's static constructors write to it before any
// log level is looked at. Needs nothing of TensorFlow; where a library cannot be loaded the later, real load reports it.

#include <dlfcn.h>
#include <fcntl.h>
#include <node_api.h>
#include <unistd.h>
#if defined(__linux__)
#include <sched.h>
#endif

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace {

// Standard error, gone while this object lives.
class SilencedStandardError {
 public:
  SilencedStandardError() {
    std::fflush(stderr);
    kept_ = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (kept_ >= 0 && nowhere >= 0) dup2(nowhere, STDERR_FILENO);
    if (nowhere >= 0) close(nowhere);
  }
  ~SilencedStandardError() {
    if (kept_ < 0) return;
    std::fflush(stderr);
    dup2(kept_, STDERR_FILENO);
    close(kept_);
  }

 private:
  int kept_;
};

std::string ReadText(napi_env env, napi_value value) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) return "";
  std::string text(length + 1, '\0');
  napi_get_value_string_utf8(env, value, &text[0], text.size(), &length);
  text.resize(length);
  return text;
}

std::vector<std::string> ReadPaths(napi_env env, napi_callback_info info) {
  size_t count = 8;
  napi_value arguments[8];
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  std::vector<std::string> paths;
  for (size_t index = 0; index < count && index < 8; ++index) paths.push_back(ReadText(env, arguments[index]));
  return paths;
}

uint32_t LoadAll(const std::vector<std::string>& paths) {
  uint32_t loaded = 0;
  for (const std::string& path : paths) {
    if (dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL) == nullptr) break;
    ++loaded;
  }
  return loaded;
}

#if defined(__linux__)
// Loads in a thread that has open files of its own, so that its standard error alone leads to nowhere.
void LoadUnheard(const std::vector<std::string>& paths) {
  if (unshare(CLONE_FILES) != 0) return;
  const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere < 0) return;
  dup2(nowhere, STDERR_FILENO);
  close(nowhere);
  LoadAll(paths);
}
#endif

// Never destroyed: a process that ends without wait() would end in std::terminate.
std::thread& loading = *new std::thread();
std::atomic<bool> isLoading{false};

void WaitForLoading() {
  if (loading.joinable()) loading.join();
}

// wait(): returns when what start() began has ended. A process that ended meanwhile would run the libraries' destructors
// beside their constructors.
napi_value Wait(napi_env, napi_callback_info) {
  WaitForLoading();
  return nullptr;
}

// busy(): whether what start() began is still running.
napi_value Busy(napi_env env, napi_callback_info) {
  napi_value result;
  napi_get_boolean(env, isLoading, &result);
  return result;
}

// start(path, ...): begins to load them in a thread: what the program itself writes to standard error meanwhile is seen. Who calls it calls wait() or load() before the process ends. Does nothing where a thread
// cannot have files of its own.
napi_value Start([[maybe_unused]] napi_env env, [[maybe_unused]] napi_callback_info info) {
#if defined(__linux__)
  if (loading.joinable()) return nullptr;
  isLoading = true;
  try {
    loading = std::thread([paths = ReadPaths(env, info)] {
      LoadUnheard(paths);
      isLoading = false;
    });
  } catch (const std::system_error&) {
    // No thread to be had: load() does all the work.
    isLoading = false;
  }
#endif
  return nullptr;
}

// load(path, ...): the number of libraries loaded, in order; it stops at the first that fails.
napi_value Load(napi_env env, napi_callback_info info) {
  WaitForLoading();
  uint32_t loaded = 0;
  {
    SilencedStandardError silenced;
    loaded = LoadAll(ReadPaths(env, info));
  }
  napi_value result;
  napi_create_uint32(env, loaded, &result);
  return result;
}

napi_value Initialize(napi_env env, napi_value exports) {
  const std::pair<const char*, napi_callback> functions[] = {{"load", Load}, {"start", Start}, {"busy", Busy}, {"wait", Wait}};
  for (const auto& [name, function] : functions) {
    napi_value value;
    napi_create_function(env, name, NAPI_AUTO_LENGTH, function, nullptr, &value);
    napi_set_named_property(env, exports, name, value);
  }
  return exports;
}

}  // namespace

NAPI_MODULE(quiet, Initialize)
