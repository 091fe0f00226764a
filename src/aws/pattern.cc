#include "aws/pattern.h"

#include <fmt/format.h>

#include <charconv>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/regex.h"

namespace weir::aws {
namespace {

constexpr Regex::Limits kLimits{.longest = 8192, .steps = 20'000, .repeats = 2048};
constexpr std::string_view kBeyondAscii = "\x80-\xff";

// What stands for \p{X} within brackets.
std::optional<std::string> property(std::string_view name) {
  const std::string beyond(kBeyondAscii);
  if (name == "L") return "a-zA-Z" + beyond;
  if (name == "N") return "0-9" + beyond;
  if (name == "Z") return " " + beyond;
  if (name == "Print") return " -~" + beyond;
  if (name == "ASCII") return std::string("\x01-\x7f");
  return std::nullopt;
}

class Translator {
 public:
  explicit Translator(std::string_view text) : rest_(text) {}

  Result<std::string> translate() {
    bool in_brackets = false;
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (c == '\\') {
        TRY_VOID(escape(in_brackets));
        continue;
      }
      rest_.remove_prefix(1);
      if (c == '[' && !in_brackets) {
        in_brackets = true;
      } else if (c == ']') {
        in_brackets = false;
      } else if (c == '[' && in_brackets) {
        out_ += '\\';
      }
      out_ += c;
    }
    return out_;
  }

 private:
  // \u0041 as a byte; what is beyond ASCII as the byte that is next to it within brackets.
  Result<> escape(bool in_brackets) {
    const char kind = rest_.size() > 1 ? rest_[1] : '\0';
    if (kind == 'u' && rest_.size() >= 6) {
      unsigned code = 0;
      std::from_chars(rest_.data() + 2, rest_.data() + 6, code, 16);
      rest_.remove_prefix(6);
      add_code(code, in_brackets);
      return {};
    }
    if (kind == 'p' && rest_.size() > 2 && rest_[2] == '{') {
      const auto close = rest_.find('}');
      const auto set = property(rest_.substr(3, close - 3));
      if (!set) return fail(Code::invalid, "a property that is not known");
      out_ += in_brackets ? *set : "[" + *set + "]";
      rest_.remove_prefix(close + 1);
      return {};
    }
    if (kind == 'A' || kind == 'z') {
      out_ += kind == 'A' ? '^' : '$';
    } else if (kind == 'r') {
      out_ += '\r';
    } else {
      out_ += rest_.substr(0, 2);
    }
    rest_.remove_prefix(std::min<std::size_t>(2, rest_.size()));
    return {};
  }

  void add_code(unsigned code, bool in_brackets) {
    if (code < 0x80) {
      const bool plain = (code >= '0' && code <= '9') || (code >= 'a' && code <= 'z') ||
                         (code >= 'A' && code <= 'Z') || code < ' ' || code == 0x7f || code == ' ';
      if (!plain && !in_brackets) out_ += '\\';
      out_ += static_cast<char>(code == 0 ? 1 : code);
      return;
    }
    // The end of a range, or its beginning.
    const bool ends_range = out_.ends_with('-') && in_brackets;
    out_ += ends_range ? '\xff' : '\x80';
  }

  std::string_view rest_;
  std::string out_;
};

struct Compiled {
  std::optional<Regex> must;
  std::optional<Regex> must_not;  // of a leading (?!X): at the beginning of the text
};

// The bracket that closes the group at the beginning.
std::size_t closing(std::string_view text) {
  int depth = 0;
  bool in_brackets = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (in_brackets) {
      in_brackets = text[i] != ']';
    } else if (text[i] == '[') {
      in_brackets = true;
    } else if (text[i] == '(') {
      ++depth;
    } else if (text[i] == ')' && --depth == 0) {
      return i;
    }
  }
  return std::string_view::npos;
}

Result<Compiled> compile(std::string_view pattern) {
  Compiled made;
  if (pattern.starts_with('^')) pattern.remove_prefix(1);
  if (pattern.starts_with("(?!")) {
    const auto close = closing(pattern);
    if (close == std::string_view::npos) return fail(Code::invalid, "a group without its end");
    TRY(const std::string inner, Translator(pattern.substr(3, close - 3)).translate());
    TRY(made.must_not, Regex::compile("^(?:" + inner + ")", false, kLimits));
    pattern.remove_prefix(close + 1);
  }
  TRY(const std::string whole, Translator(pattern).translate());
  TRY(made.must, Regex::compile("^(?:" + whole + ")$", false, kLimits));
  return made;
}

// Compiled once each: the patterns are those of the models, so they are few.
const Result<Compiled>& cached(std::string_view pattern) {
  static std::mutex mutex;
  static std::map<std::string, Result<Compiled>, std::less<>> cache;
  const std::lock_guard lock(mutex);
  auto found = cache.find(pattern);
  if (found == cache.end()) found = cache.emplace(pattern, compile(pattern)).first;
  return found->second;
}

}  // namespace

bool satisfies(std::string_view pattern, std::string_view text) {
  const auto& compiled = cached(pattern);
  if (!compiled) return true;
  if (compiled->must_not && compiled->must_not->matches(text)) return false;
  return compiled->must->matches(text);
}

Result<> check_pattern(std::string_view pattern) {
  const auto& compiled = cached(pattern);
  if (!compiled) return fail(compiled.error().code, compiled.error().message);
  return {};
}

}  // namespace weir::aws
