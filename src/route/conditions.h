// Conditions: a rule's `match`, compiled. All conditions that are given must hold; within one of
// them any value suffices. Header and query values are compared without case, as ALB does.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/regex.h"
#include "model/desired.h"
#include "model/ip.h"
#include "model/request_view.h"
#include "route/pattern.h"

namespace weir::route {

// A request as the rules of one listener see it; what several rules need is made once.
class Subject {
 public:
  using Query = std::vector<std::pair<std::string, std::string>>;

  // Views into `request`, which must outlive this.
  explicit Subject(const RequestView& request);
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;

  const RequestView& request() const { return request_; }
  std::string_view host() const { return host_; }  // in lower case, without a final dot
  const Query& query() const;                      // keys and values, percent-decoded

 private:
  const RequestView& request_;
  std::string lowered_;  // only where the host was not in lower case
  std::string_view host_;
  mutable std::optional<Query> query_;
};

// Any thread.
class Conditions {
 public:
  // CIDR blocks that cannot be read match nothing (config refuses them before).
  explicit Conditions(const Match& match);

  bool hold(const Subject& subject) const;

  const std::vector<Pattern>& hosts() const { return hosts_; }  // empty: any
  const std::vector<Pattern>& paths() const { return paths_; }  // empty: any

 private:
  struct Header {
    std::string name;
    std::vector<Pattern> values;
  };
  struct HeaderRegex {
    std::string name;
    std::vector<Regex> values;
  };
  struct Parameter {
    std::optional<Pattern> key;  // none: any
    std::vector<Pattern> values;
  };

  static bool holds(const Header& condition, const RequestView& request);
  static bool holds(const HeaderRegex& condition, const RequestView& request);
  static bool holds(const Parameter& condition, const Subject::Query& query);
  static std::vector<Parameter> parameters(
      const std::vector<std::pair<std::string, Names>>& conditions);

  std::vector<Pattern> hosts_;
  std::vector<Pattern> paths_;
  std::vector<Header> headers_;
  std::vector<std::string> methods_;
  std::vector<Parameter> parameters_;      // all must hold
  std::vector<Parameter> any_parameters_;  // one must, where there are any
  std::vector<Regex> host_expressions_;
  std::vector<Regex> path_expressions_;
  std::vector<HeaderRegex> header_expressions_;
  std::vector<Cidr> sources_;
  bool has_sources_ = false;
};

}  // namespace weir::route
