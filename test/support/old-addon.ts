/** An addon that registers itself as those of Node 0.10 did: version 11 of the module interface. */
export const oldAddon = `
struct node_module { int version; unsigned flags; void* handle; const char* file; void (*start)(); void* context;
  const char* name; void* extra; node_module* next; };
extern "C" void node_module_register(void*);
static node_module old = {11, 0, nullptr, "old.cc", nullptr, nullptr, "old", nullptr, nullptr};
__attribute__((constructor)) static void start() { node_module_register(&old); }
`;
