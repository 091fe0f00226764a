// CHECK: our own mistakes stop the process; systemd starts it again.
#pragma once

namespace weir {
[[noreturn]] void check_failed(const char* expression, const char* file, int line);
}

#define CHECK(x) \
  (static_cast<bool>(x) ? static_cast<void>(0) : ::weir::check_failed(#x, __FILE__, __LINE__))
#ifdef NDEBUG
#define DCHECK(x) static_cast<void>(sizeof(x))
#else
#define DCHECK(x) CHECK(x)
#endif
