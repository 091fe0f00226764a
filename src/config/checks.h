// Checks of single values for rows of a table: between(), at_least(), one_of(), required(), is().
//
// A check is a value with `operator()(const T&) -> std::optional<Complaint>` and, for the manual,
// `range()`. On an optional or a list it is asked for what is inside. Pure; any thread.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/units.h"
#include "config/mistake.h"
#include "config/suggest.h"

namespace weir::config {

using Verdict = std::optional<Complaint>;

namespace detail {

template <class T>
concept Number = std::is_arithmetic_v<T>;

template <Number T>
std::string show(T value) {
  return fmt::format("{}", value);
}
inline std::string show(Duration value) { return weir::to_string(value); }
inline std::string show(Bytes value) { return weir::to_string(value); }

}  // namespace detail

template <class L>
struct Between {
  L least;
  L most;
  std::string range() const { return detail::show(least) + " to " + detail::show(most); }
  template <class T>
    requires requires(T t, L l) { t < l; }
  Verdict operator()(const T& value) const {
    const auto answer = [this](std::string_view side, const L& bound, const T& is) {
      return Complaint{fmt::format("{} is {} {}", detail::show(is), side, detail::show(bound)),
                       "write a value from " + range()};
    };
    if constexpr (std::is_integral_v<T> && std::is_integral_v<L>) {
      if (std::cmp_less(value, least)) return answer("below", least, value);
      if (std::cmp_greater(value, most)) return answer("above", most, value);
    } else {
      if (value < least) return answer("below", least, value);
      if (most < value) return answer("above", most, value);
    }
    return std::nullopt;
  }
};
template <detail::Number A, detail::Number B>
Between<std::common_type_t<A, B>> between(A least, B most) {
  using Both = std::common_type_t<A, B>;
  return {static_cast<Both>(least), static_cast<Both>(most)};
}
inline Between<Duration> between(Duration least, Duration most) { return {least, most}; }
inline Between<Bytes> between(Bytes least, Bytes most) { return {least, most}; }

struct Above {
  std::string range() const { return "above 0"; }
  template <class T>
    requires requires(T t) { t <= T{}; }
  Verdict operator()(const T& value) const {
    if (value <= T{}) return Complaint{"must be above 0", "write a value above 0"};
    return std::nullopt;
  }
};
inline Above above_zero() { return {}; }

struct OneOf {
  std::vector<std::string> words;
  std::string range() const;
  Verdict operator()(const std::string& value) const;
};
inline OneOf one_of(std::vector<std::string> words) { return {std::move(words)}; }

// Must be there; the example shows how.
struct Required {
  std::string example;
  std::string range() const { return "required"; }
  template <class T>
    requires requires(const T& t) { t.empty(); }
  Verdict operator()(const T& value) const {
    if (value.empty()) return Complaint{"is missing", "write " + example};
    return std::nullopt;
  }
};
inline Required required(std::string example) { return {std::move(example)}; }

// A plain function; an empty text (a key left out) is not asked about.
struct Is {
  Verdict (*check)(const std::string&);
  std::string words;
  std::string range() const { return words; }
  Verdict operator()(const std::string& value) const {
    return value.empty() ? std::nullopt : check(value);
  }
};
inline Is is(Verdict (*check)(const std::string&), std::string words = {}) {
  return {check, std::move(words)};
}

namespace detail {

template <class T>
struct Inside : std::false_type {};
template <class T>
struct Inside<std::optional<T>> : std::true_type {};

template <class C, class T>
void run_check(const C& check, const T& value, const Trail& where, Findings& findings) {
  if constexpr (Inside<T>::value) {
    if (value) run_check(check, *value, where, findings);
  } else if constexpr (std::is_invocable_v<const C&, const T&>) {
    if (Verdict complaint = check(value)) {
      findings.add(where, std::move(complaint->what), std::move(complaint->remedy));
    }
  } else {
    for (std::size_t i = 0; i < value.size(); ++i) {
      run_check(check, value[i], where.item(i), findings);
    }
  }
}

}  // namespace detail
}  // namespace weir::config
