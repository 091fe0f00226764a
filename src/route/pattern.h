// Pattern: text with * (any characters, also none and also /) and ? (one character).
#pragma once

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
  bool matches(std::string_view text) const;

  bool is_literal() const { return literal_ == text_.size(); }
  // What every match starts with: the pattern up to its first wildcard.
  std::string_view literal_prefix() const { return std::string_view(text_).substr(0, literal_); }
  std::string_view text() const { return text_; }  // in lower case where case is ignored

 private:
  bool same(char c, char p) const {
    return p == '?' || p == (letters_ == Case::ignored ? lower_case(c) : c);
  }

  std::string text_;
  std::size_t literal_;  // length of the literal prefix
  Case letters_;
};

}  // namespace weir::route
