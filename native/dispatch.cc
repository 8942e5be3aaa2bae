// Chooses among the engines when the program runs.
#include <cstring>

#include "plan.h"
#include "processor.h"

namespace mnist {

const Engine* find_engine(const char* name) {
  const Engine* const engines[] = {
#if defined(__x86_64__)
      &kAvx512Engine, &kAvx2Engine,
#endif
      &kPortableEngine};
  for (const Engine* engine : engines)
    if ((*name == '\0' || std::strcmp(name, engine->name) == 0) && processor_runs(engine->name)) return engine;
  return nullptr;
}

}  // namespace mnist
