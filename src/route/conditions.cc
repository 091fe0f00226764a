#include "route/conditions.h"

#include <algorithm>

namespace weir::route {
namespace {

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char l = lower_case(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

// A % that two hex digits do not follow stands for itself.
std::string percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0) {
      out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::vector<Pattern> compiled(const Names& texts, Case letters) {
  std::vector<Pattern> patterns;
  for (const std::string& text : texts) patterns.emplace_back(text, letters);
  return patterns;
}

// Those that cannot be read match nothing (config refuses them before).
std::vector<Regex> expressions(const Names& texts, bool ignore_case) {
  std::vector<Regex> made;
  for (const std::string& text : texts) {
    if (auto one = Regex::compile(text, ignore_case)) made.push_back(std::move(*one));
  }
  return made;
}

template <class Compiled>
bool any_matches(const std::vector<Compiled>& patterns, std::string_view text) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const Compiled& pattern) { return pattern.matches(text); });
}

}  // namespace

Subject::Subject(const RequestView& request) : request_(request), host_(request.host) {
  if (!host_.empty() && host_.back() == '.') host_.remove_suffix(1);
  bool upper = false;
  for (const char c : host_) upper |= c >= 'A' && c <= 'Z';
  if (upper) host_ = lowered_ = lower_case(host_);
}

const Subject::Query& Subject::query() const {
  if (query_) return *query_;
  query_.emplace();
  std::string_view rest = request_.query;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    query_->emplace_back(percent_decoded(pair.substr(0, equals)),
                         percent_decoded(pair.substr(std::min(equals + 1, pair.size()))));
  }
  return *query_;
}

Conditions::Conditions(const Match& match)
    : hosts_(compiled(match.host, Case::ignored)),
      paths_(compiled(match.path, Case::sensitive)),
      methods_(match.method),
      parameters_(parameters(match.query)),
      any_parameters_(parameters(match.query_any)),
      host_expressions_(expressions(match.host_regex, true)),
      path_expressions_(expressions(match.path_regex, false)),
      has_sources_(!match.source.empty()) {
  for (const auto& [name, values] : match.header_regex) {
    header_expressions_.push_back({name, expressions(values, true)});
  }
  for (const auto& [name, values] : match.header) {
    headers_.push_back({name, compiled(values, Case::ignored)});
  }
  for (const std::string& text : match.source) {
    if (const auto block = parse_cidr(text)) sources_.push_back(*block);
  }
}

std::vector<Conditions::Parameter> Conditions::parameters(
    const std::vector<std::pair<std::string, Names>>& conditions) {
  std::vector<Parameter> compiled_ones;
  for (const auto& [key, values] : conditions) {
    auto pattern = key.empty() ? std::nullopt : std::optional(Pattern(key, Case::ignored));
    compiled_ones.push_back({std::move(pattern), compiled(values, Case::ignored)});
  }
  return compiled_ones;
}

bool Conditions::hold(const Subject& subject) const {
  const RequestView& request = subject.request();
  if (!hosts_.empty() && !any_matches(hosts_, subject.host())) return false;
  if (!paths_.empty() && !any_matches(paths_, request.path)) return false;
  if (!methods_.empty() &&
      std::find(methods_.begin(), methods_.end(), request.method) == methods_.end()) {
    return false;
  }
  if (has_sources_ && std::none_of(sources_.begin(), sources_.end(), [&](const Cidr& block) {
        return block.contains(request.source);
      })) {
    return false;
  }
  if (!host_expressions_.empty() && !any_matches(host_expressions_, subject.host())) return false;
  if (!path_expressions_.empty() && !any_matches(path_expressions_, request.path)) return false;
  for (const HeaderRegex& condition : header_expressions_) {
    if (!holds(condition, request)) return false;
  }
  for (const Header& condition : headers_) {
    if (!holds(condition, request)) return false;
  }
  for (const Parameter& condition : parameters_) {
    if (!holds(condition, subject.query())) return false;
  }
  return any_parameters_.empty() ||
         std::any_of(any_parameters_.begin(), any_parameters_.end(),
                     [&](const Parameter& one) { return holds(one, subject.query()); });
}

bool Conditions::holds(const Header& condition, const RequestView& request) {
  return std::any_of(request.headers.begin(), request.headers.end(), [&](const HeaderView& h) {
    return equal_ignoring_case(h.name, condition.name) && any_matches(condition.values, h.value);
  });
}

bool Conditions::holds(const HeaderRegex& condition, const RequestView& request) {
  return std::any_of(request.headers.begin(), request.headers.end(), [&](const HeaderView& h) {
    return equal_ignoring_case(h.name, condition.name) && any_matches(condition.values, h.value);
  });
}

bool Conditions::holds(const Parameter& condition, const Subject::Query& query) {
  return std::any_of(query.begin(), query.end(), [&](const auto& pair) {
    return (!condition.key || condition.key->matches(pair.first)) &&
           any_matches(condition.values, pair.second);
  });
}

}  // namespace weir::route
