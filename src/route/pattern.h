// Pattern: text with * (any characters, also none and also /) and ? (one character). A backslash
// before *, ? or a backslash makes it stand for itself, as in ALB's conditions.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace weir::route {

enum class Case : bool { sensitive, ignored };

char lower_case(char c);                        // ASCII
std::string lower_case(std::string_view text);  // ASCII

// Any thread.
class Pattern {
 public:
  explicit Pattern(std::string_view text, Case letters = Case::sensitive);

  // At most text.size() * pattern.size() steps, whatever the two are; linear for one star.
  bool matches(std::string_view text) const { return run(text, nullptr); }
  // What the first nine stars took: as little as each can, from the first on. Nothing where the
  // text does not match. Views into `text`.
  using Taken = std::array<std::string_view, 9>;
  std::optional<Taken> take(std::string_view text) const {
    Taken taken;
    return run(text, &taken) ? std::optional(taken) : std::nullopt;
  }

  bool is_literal() const { return literal_ == text_.size(); }
  // What every match starts with: the pattern up to its first wildcard.
  std::string_view literal_prefix() const { return std::string_view(text_).substr(0, literal_); }
  // Without backslashes, in lower case where case is ignored.
  std::string_view text() const { return text_; }

 private:
  bool run(std::string_view text, Taken* taken) const;
  bool is_star(std::size_t p) const { return wild_[p] == '*'; }
  bool same(char c, std::size_t p) const {
    return wild_[p] == '?' ||
           (wild_[p] == 0 && text_[p] == (letters_ == Case::ignored ? lower_case(c) : c));
  }

  std::string text_;
  std::string wild_;     // of each character: * or ?, or 0 where it stands for itself
  std::size_t literal_;  // length of the literal prefix
  Case letters_;
};

}  // namespace weir::route
