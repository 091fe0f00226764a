#include "base/regex.h"

namespace weir {
namespace {

constexpr std::uint32_t kNone = ~0u;

}  // namespace

// All ways through the steps at once, the preferred first; each step is entered once per character,
// which bounds the time. N places are kept for each way: none where only the answer counts.
template <std::size_t N>
bool Regex::run(std::string_view text, std::array<std::uint32_t, N>& places) const {
  struct Way {
    std::uint16_t at;
    std::array<std::uint32_t, N> places;
  };
  std::vector<Way> now, next, open;
  std::vector<std::uint32_t> entered(steps_.size(), kNone);  // at which character
  // Follows what takes no character, in order of preference.
  const auto enter = [&](std::vector<Way>& ways, Way first, std::uint32_t position) {
    open.push_back(first);
    while (!open.empty()) {
      Way way = open.back();
      open.pop_back();
      while (entered[way.at] != position) {
        entered[way.at] = position;
        const Step& step = steps_[way.at];
        if (step.op == Op::jump) {
          way.at = step.x;
        } else if (step.op == Op::split) {
          Way other = way;
          other.at = step.y;
          open.push_back(other);
          way.at = step.x;
        } else if (step.op == Op::save) {
          if (step.x < N) way.places[step.x] = position;
          ++way.at;
        } else if (step.op == Op::begin && position == 0) {
          ++way.at;
        } else if (step.op == Op::end && position == text.size()) {
          ++way.at;
        } else {
          if (step.op == Op::set || step.op == Op::match) ways.push_back(way);
          break;
        }
      }
    }
  };

  bool found = false;
  for (std::uint32_t position = 0; position <= text.size(); ++position) {
    if (!found) {
      Way start{0, {}};
      start.places.fill(kNone);
      enter(now, start, position);
    }
    for (const Way& way : now) {
      const Step& step = steps_[way.at];
      if (step.op == Op::match) {
        found = true;
        places = way.places;
        break;  // what comes behind is less preferred
      }
      if (position < text.size() &&
          sets_[step.x].test(static_cast<unsigned char>(text[position]))) {
        Way further = way;
        ++further.at;
        enter(next, further, position + 1);
      }
    }
    if (found && (N == 0 || next.empty())) return true;
    now.swap(next);
    next.clear();
  }
  return found;
}

bool Regex::matches(std::string_view text) const {
  std::array<std::uint32_t, 0> none;
  return run(text, none);
}

std::optional<Regex::Found> Regex::find(std::string_view text) const {
  std::array<std::uint32_t, 20> places{};
  if (!run(text, places)) return std::nullopt;
  const auto piece = [&](std::size_t number) {
    const std::uint32_t from = places[2 * number], to = places[2 * number + 1];
    return from == kNone || to == kNone ? std::string_view{} : text.substr(from, to - from);
  };
  Found out;
  out.whole = piece(0);
  for (std::size_t i = 0; i < out.groups.size(); ++i) out.groups[i] = piece(i + 1);
  return out;
}

}  // namespace weir
