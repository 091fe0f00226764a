// suggest: the known word that a misspelt one probably means. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::config {

// Small letters, without '-', '_' and spaces: healthCheck and health_check are one word.
std::string plain_word(std::string_view word);

// Insertions, deletions, substitutions and swaps of neighbours
// (optimal string alignment; Damerau 1964, Levenshtein 1966).
std::size_t edit_distance(std::string_view a, std::string_view b);

// The closest of `known`, if close enough to be meant; case, '-' and '_' do not count.
std::optional<std::string> closest(std::string_view word, const std::vector<std::string>& known);

// `did you mean 'x'?`, or the list of what there is.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);

}  // namespace weir::config
