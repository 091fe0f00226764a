#include "route/table.h"

#include <algorithm>
#include <limits>

namespace weir::route {
namespace {

std::vector<Rule> by_priority(const std::vector<Rule>& rules) {
  std::vector<std::pair<std::int64_t, const Rule*>> order;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    order.emplace_back(rules[i].priority.value_or(static_cast<std::int32_t>(i + 1)), &rules[i]);
  }
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Rule> sorted;
  sorted.reserve(rules.size());
  for (const auto& [priority, rule] : order) sorted.push_back(*rule);
  return sorted;
}

// .example.com of *.example.com; nothing where the pattern is not of that form.
std::string_view suffix_of(const Pattern& host) {
  const std::string_view text = host.text();
  const bool is_suffix = text.substr(0, 2) == "*." && text.find_first_of("*?", 1) == text.npos;
  return is_suffix ? text.substr(1) : std::string_view{};
}

}  // namespace

std::shared_ptr<const Table> Table::build(const Listener& listener) {
  return std::shared_ptr<const Table>(new Table(listener));
}

Table::Table(const Listener& listener)
    : rules_(by_priority(listener.rules)),
      default_action_(listener.default_action),
      access_(listener.access) {
  extras_.push_back(Extras::of(listener, nullptr));
  for (const Rule& rule : rules_) extras_.push_back(Extras::of(listener, &rule));
  const bool none = std::all_of(extras_.begin(), extras_.end(), [](const auto& e) { return !e; });
  if (none) extras_.clear();
  conditions_.reserve(rules_.size());
  for (const Rule& rule : rules_) conditions_.emplace_back(rule.match);
  for (std::uint32_t rule = 0; rule < rules_.size(); ++rule) index(rule);
}

void Table::index(std::uint32_t rule) {
  const auto& hosts = conditions_[rule].hosts();
  const auto& paths = conditions_[rule].paths();
  const bool anything = hosts.empty() || std::any_of(hosts.begin(), hosts.end(), [](const auto& h) {
                          return !h.is_literal() && suffix_of(h).empty();
                        });
  if (anything) return any_host_.add(rule, paths);
  for (const Pattern& host : hosts) {
    if (host.is_literal()) {
      exact_hosts_[std::string(host.text())].add(rule, paths);
    } else {
      suffix_hosts_[std::string(suffix_of(host))].add(rule, paths);
    }
  }
}

int Table::match(const RequestView& request) const {
  if (rules_.empty()) return kDefault;
  const Subject subject(request);
  const PathHashes path(request.path);
  constexpr auto kNone = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t best = kNone;
  const auto ask = [&](const RuleList& list) {
    for (const std::uint32_t rule : list) {
      if (rule >= best) return;
      if (conditions_[rule].hold(subject)) {
        best = rule;
        return;
      }
    }
  };

  const std::string_view host = subject.host();
  if (!exact_hosts_.empty()) {
    const auto at = exact_hosts_.find(host);
    if (at != exact_hosts_.end()) at->second.candidates(path, ask);
  }
  if (!suffix_hosts_.empty()) {
    for (auto dot = host.find('.'); dot != host.npos; dot = host.find('.', dot + 1)) {
      const auto at = suffix_hosts_.find(host.substr(dot));
      if (at != suffix_hosts_.end()) at->second.candidates(path, ask);
    }
  }
  any_host_.candidates(path, ask);
  return best == kNone ? kDefault : static_cast<int>(best);
}

}  // namespace weir::route
