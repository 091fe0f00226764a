// Result<T>: a value, or the reason there is none.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace weir {

// What went wrong, in the few words that decide what a caller does next.
enum class Code : std::uint8_t {
  invalid,
  not_found,
  conflict,
  limit,
  denied,
  unavailable,
  timeout,
  internal
};

struct Error {
  Error(Code c, std::string m) : code(c), message(std::move(m)) {}
  Code code;
  std::string message;  // a lowercase phrase, ready to follow a colon
};

template <class T = void>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(Code code, std::string message) {
  return tl::unexpected<Error>(Error(code, std::move(message)));
}

// Adds one layer's context: `listener 'https': certificate: file not found`.
inline tl::unexpected<Error> fail(std::string context, Error inner) {
  return tl::unexpected<Error>(Error(inner.code, std::move(context) + ": " + inner.message));
}

}  // namespace weir

#define WEIR_CAT_(a, b) a##b
#define WEIR_CAT(a, b) WEIR_CAT_(a, b)
#define WEIR_TRY_(tmp, ret, decl, ...)                  \
  auto tmp = (__VA_ARGS__);                             \
  if (!tmp) ret tl::unexpected(std::move(tmp).error()); \
  decl = *std::move(tmp)
#define WEIR_TRY_VOID_(tmp, ret, ...) \
  if (auto tmp = (__VA_ARGS__); !tmp) ret tl::unexpected(std::move(tmp).error())

// TRY(auto port, parse_port(text));  binds the value, or returns the error.
#define TRY(decl, ...) WEIR_TRY_(WEIR_CAT(try_, __COUNTER__), return, decl, __VA_ARGS__)
#define CO_TRY(decl, ...) WEIR_TRY_(WEIR_CAT(try_, __COUNTER__), co_return, decl, __VA_ARGS__)
// The same where there is no value to bind.
#define TRY_VOID(...) WEIR_TRY_VOID_(WEIR_CAT(try_, __COUNTER__), return, __VA_ARGS__)
#define CO_TRY_VOID(...) WEIR_TRY_VOID_(WEIR_CAT(try_, __COUNTER__), co_return, __VA_ARGS__)
