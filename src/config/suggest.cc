#include "config/suggest.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace weir::config {
namespace {

constexpr std::size_t kLongestWord = 64;  // longer ones are no misspelling of ours
constexpr std::size_t kMostListed = 24;
constexpr std::size_t kShortestPrefix = 3;

// cpu for cpu_percent, warning for warn, where only one fits.
const std::string* only_with_prefix(const std::string& meant,
                                    const std::vector<std::string>& known) {
  const std::string* found = nullptr;
  for (const std::string& candidate : known) {
    const std::string plain = plain_word(candidate);
    if (std::min(plain.size(), meant.size()) < kShortestPrefix) continue;
    if (!plain.starts_with(meant) && !meant.starts_with(plain)) continue;
    if (found != nullptr) return nullptr;
    found = &candidate;
  }
  return found;
}

}  // namespace

std::string plain_word(std::string_view word) {
  std::string result;
  for (const char c : word) {
    if (c == '_' || c == '-' || c == ' ') continue;
    result += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return result;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, change});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

std::optional<std::string> closest(std::string_view word, const std::vector<std::string>& known) {
  if (word.empty() || word.size() > kLongestWord) return std::nullopt;
  const std::string meant = plain_word(word);
  const std::string* best = nullptr;
  std::size_t least = std::max<std::size_t>(1, meant.size() / 3) + 1;
  for (const std::string& candidate : known) {
    const std::size_t distance = edit_distance(meant, plain_word(candidate));
    if (distance < least && distance < candidate.size()) {
      least = distance;
      best = &candidate;
    }
  }
  if (best == nullptr) best = only_with_prefix(meant, known);
  if (best == nullptr) return std::nullopt;
  return *best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
  if (const auto meant = closest(word, known)) return fmt::format("did you mean '{}'?", *meant);
  if (known.empty()) return "there is none";
  if (known.size() == 1) return fmt::format("there is only '{}'", known.front());
  const bool all = known.size() <= kMostListed;
  const std::vector<std::string> some(known.begin(),
                                      known.begin() + (all ? known.size() : kMostListed));
  return fmt::format("there are {}{}", fmt::join(some, ", "), all ? "" : ", ...");
}

}  // namespace weir::config
