// Regex: regular expressions whose time is bounded by the length of the text times that of the
// expression, whatever the two are (Thompson 1968, with captures as Pike 2004): no backtracking,
// and so no back-references and no look-around.
//
//   a . [a-z] [^a-z] \d \w \s \D \W \S \. \n \t   one character
//   ^ $                                           the ends of the text
//   ( ) (?: ) |                                   groups and choices
//   * + ? {2} {2,} {2,5}, lazy with ? behind      repetition, at most 100 times by number
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weir {

// Any thread.
class Regex {
 public:
  static constexpr std::size_t kLongest = 128;  // as in ALB
  static constexpr std::size_t kMostSteps = 1000;

  // What an expression may cost; the defaults are for those that users write.
  struct Limits {
    std::size_t longest = kLongest;
    std::size_t steps = kMostSteps;  // at most 65,000
    std::uint32_t repeats = 100;     // by number
  };

  // Bytes are characters. The error says what is wrong with the expression.
  static Result<Regex> compile(std::string_view text, bool ignore_case) {
    return compile(text, ignore_case, Limits());
  }
  static Result<Regex> compile(std::string_view text, bool ignore_case, const Limits& limits);

  // Anywhere in the text; ^ and $ tie it to the ends.
  bool matches(std::string_view text) const;

  // The first match, and in it what perl finds: earlier choices before later ones.
  struct Found {
    std::string_view whole;
    std::array<std::string_view, 9> groups;  // of the first nine
  };
  std::optional<Found> find(std::string_view text) const;

  std::size_t groups() const { return groups_; }

 private:
  friend class RegexCompiler;
  enum class Op : std::uint8_t { set, jump, split, save, begin, end, match };
  struct Step {
    Op op;
    std::uint16_t x = 0;  // set: its number; save: the place; jump, split: where to go (first)
    std::uint16_t y = 0;  // split: where to go otherwise
  };
  using Set = std::bitset<256>;

  template <std::size_t N>
  bool run(std::string_view text, std::array<std::uint32_t, N>& places) const;

  std::vector<Step> steps_;
  std::vector<Set> sets_;
  std::size_t groups_ = 0;
};

}  // namespace weir
