#include "model/desired_forms.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/field.h"
#include "model/desired_fields.h"
#include "model/desired_syntax.h"

namespace weir {

using config::Child;
using config::Cursor;
using config::Entry;
using config::Field;
using config::Findings;
using config::Node;
using config::Trail;
using config::Type;
using config::Write;

namespace {

template <class T>
const T& as(const void* value) {
  return *static_cast<const T*>(value);
}

// ---------------------------------------------------------------- actions

class ForwardType final : public Type {
 public:
  std::string name() const override {
    return "target group, map of target group to weight, or map of groups and stickiness";
  }
  void decode(const Cursor& cursor, void* value) const override {
    auto& forward = *static_cast<Forward*>(value);
    forward = {};
    const Node& node = cursor.node();
    const bool is_long =
        node.kind == Node::Kind::map &&
        std::any_of(node.entries.begin(), node.entries.end(), [](const Entry& entry) {
          return entry.key == "groups" && entry.value.kind == Node::Kind::map;
        });
    is_long ? long_form().decode(cursor, value) : decode_groups(cursor, forward);
  }
  static void decode_groups(const Cursor& cursor, Forward& forward) {
    const Node& node = cursor.node();
    if (node.kind == Node::Kind::scalar) {
      forward.groups.push_back({node.text, 1});
    } else if (node.kind != Node::Kind::map || node.entries.empty()) {
      cursor.wrong_kind("write 'forward: GROUP', or weights: 'forward: { GROUP: 9, OTHER: 1 }'");
    } else {
      for (const Entry& entry : node.entries) {
        auto& share = forward.groups.emplace_back(Forward::Share{entry.key, 1});
        config::uint32_type().decode(cursor.enter(entry), &share.weight);
      }
    }
  }
  Node encode(const void* value, Write how) const override {
    const auto& forward = as<Forward>(value);
    if (forward.stickiness > 0s) return long_form().encode(value, how);
    return encode_groups(forward.groups);
  }
  static Node encode_groups(const std::vector<Forward::Share>& groups) {
    if (groups.empty()) return {};
    if (groups.size() == 1 && groups[0].weight == 1) return Node::quote(groups[0].group);
    Node map = Node::map();
    for (const auto& share : groups) {
      map.add(share.group, Node::scalar(std::to_string(share.weight)));
    }
    return map;
  }
  bool equal(const void* a, const void* b) const override {
    return as<Forward>(a) == as<Forward>(b);
  }
  void check(const void* value, const Trail& where, Findings& findings) const override {
    const auto& groups = as<Forward>(value).groups;
    std::uint64_t total = 0;
    const Trail list = as<Forward>(value).stickiness > 0s ? where.enter("groups") : where;
    for (const auto& share : groups) {
      total += share.weight;
      if (share.weight > 999) {
        findings.add(list.enter(share.group), fmt::format("weight {} is above 999", share.weight),
                     "write a weight from 0 to 999");
      }
    }
    if (!groups.empty() && total == 0) {
      findings.add(where, "all weights are 0: nothing takes the requests",
                   "give one group a weight above 0");
    }
    if (as<Forward>(value).stickiness > 0s && groups.size() < 2) {
      findings.add(where.enter("stickiness"), "keeps clients with a group, and there is one alone",
                   "name two groups; for endpoints write stickiness: in the target group");
    }
  }
  std::vector<Child> children() const override { return {{"", &long_form()}}; }

 private:
  // The value of `groups:`.
  class Groups final : public Type {
   public:
    std::string name() const override { return "map of target group to weight"; }
    void decode(const Cursor& cursor, void* value) const override {
      Forward forward;
      decode_groups(cursor, forward);
      *static_cast<std::vector<Forward::Share>*>(value) = std::move(forward.groups);
    }
    Node encode(const void* value, Write) const override {
      const auto& groups = as<std::vector<Forward::Share>>(value);
      Node map = Node::map();
      for (const auto& share : groups) {
        map.add(share.group, Node::scalar(std::to_string(share.weight)));
      }
      return map;
    }
    bool equal(const void* a, const void* b) const override {
      return as<std::vector<Forward::Share>>(a) == as<std::vector<Forward::Share>>(b);
    }
  };
  static const config::StructType& long_form() {
    using config::field;
    static const Groups groups;
    static const auto type = config::struct_type<Forward>(
        "map", {config::field_as(groups, "groups", &Forward::groups,
                                 "target groups, each with its weight, 0 to 999"),
                config::also_called(
                    field("stickiness", &Forward::stickiness,
                          "keeps a client with its group for so long, by the cookies AWSALBTG and "
                          "AWSALBTGCORS; 0: each request is drawn anew",
                          config::between(0s, Duration(24h * 7))),
                    {"duration", "target_group_stickiness_config", "sticky"})});
    return type;
  }
};

// A port, or #{port}, which is kept as 0.
class RedirectPort final : public Type {
 public:
  std::string name() const override { return "number, or #{port}"; }
  void decode(const Cursor& cursor, void* value) const override {
    auto& port = *static_cast<std::optional<std::uint16_t>*>(value);
    if (cursor.node().is_null()) return;
    std::uint16_t read = 0;
    if (cursor.node().text != "#{port}") {
      config::uint16_type().decode(cursor, &read);
      if (read == 0) {
        return cursor.findings().add(cursor.trail(), "is not a port from 1 to 65535",
                                     "write one, or #{port}");
      }
    }
    port = read;
  }
  Node encode(const void* value, Write) const override {
    const auto& port = as<std::optional<std::uint16_t>>(value);
    if (!port) return {};
    return *port == 0 ? Node::quote("#{port}") : Node::scalar(std::to_string(*port));
  }
  bool equal(const void* a, const void* b) const override {
    return as<std::optional<std::uint16_t>>(a) == as<std::optional<std::uint16_t>>(b);
  }
};

// One alternative of an Action, as the value of its key.
template <class T>
class ActionPart final : public Type {
 public:
  std::string name() const override { return config::type_of<T>().name(); }
  void decode(const Cursor& cursor, void* value) const override {
    T read{};
    config::type_of<T>().decode(cursor, &read);
    *static_cast<Action*>(value) = std::move(read);
  }
  Node encode(const void* value, Write how) const override {
    const T* held = std::get_if<T>(&as<Action>(value));
    return held != nullptr ? config::type_of<T>().encode(held, how) : Node{};
  }
  bool equal(const void* a, const void* b) const override { return as<Action>(a) == as<Action>(b); }
  void check(const void* value, const Trail& where, Findings& findings) const override {
    const T* held = std::get_if<T>(&as<Action>(value));
    if (held != nullptr) config::type_of<T>().check(held, where, findings);
  }
  std::vector<Child> children() const override { return {{"", &config::type_of<T>()}}; }
};

template <class T>
Field action_field(std::string_view name, std::string_view text, std::size_t offset) {
  static const ActionPart<T> type;
  return Field{std::string(name), std::string(text), offset, &type, {}, {}, true};
}

const std::vector<std::string>& action_names() {
  static const std::vector<std::string> names = {"forward", "redirect", "respond"};
  return names;
}

// ---------------------------------------------------------------- algorithms

// The options of each algorithm that has any, as rows over Algorithm.
const config::StructType* algorithm_options(std::string_view name) {
  using config::field;
  static const auto key =
      field("key", &Algorithm::key,
            "what is hashed: header:NAME, cookie:NAME, path, source, or flow: the client's address "
            "and port with the listener's",
            config::is(syntax::hash_key));
  static const auto ring = config::struct_type<Algorithm>(
      "ring_hash",
      {key,
       field("points", &Algorithm::points,
             "virtual nodes per endpoint and weight; more is smoother and larger",
             config::between(1, 65536)),
       field("balance_factor", &Algorithm::balance_factor,
             "most in flight on an endpoint, over the mean; 0 is unbounded, else at least 1",
             config::between(0, 100))});
  static const auto maglev = config::struct_type<Algorithm>(
      "maglev", {key, field("table", &Algorithm::table, "size of the table, a prime",
                            config::between(2, 5'000'011))});
  static const auto ewma = config::struct_type<Algorithm>(
      "peak_ewma", {field("decay", &Algorithm::decay, "time constant of the latency average",
                          config::between(1ms, 1h))});
  if (name == "ring_hash") return &ring;
  if (name == "maglev") return &maglev;
  if (name == "peak_ewma") return &ewma;
  return nullptr;
}

// What others call them.
std::string algorithm_meant(const std::string& name) {
  static const std::vector<std::pair<std::string, std::string>> others = {
      {"leastconn", "least_request"},
      {"leastconnections", "least_request"},
      {"leastoutstandingrequests", "least_request"},
      {"powerof2", "least_request"},
      {"p2c", "least_request"},
      {"ewma", "peak_ewma"},
      {"leasttime", "peak_ewma"},
      {"iphash", "ring_hash"},
      {"hash", "ring_hash"},
      {"source", "ring_hash"},
      {"consistenthash", "ring_hash"},
      {"rr", "round_robin"},
      {"wrr", "weighted_round_robin"},
      {"weightedrandom", "random"},
  };
  for (const auto& [other, ours] : others) {
    if (config::plain_word(name) == other) return fmt::format("did you mean '{}'?", ours);
  }
  return config::did_you_mean(name, algorithm_names());
}

class AlgorithmType final : public Type {
 public:
  std::string name() const override { return "name, or map of name to options"; }
  void decode(const Cursor& cursor, void* value) const override {
    auto& algorithm = *static_cast<Algorithm*>(value);
    algorithm = {};
    const Node& node = cursor.node();
    if (node.kind == Node::Kind::scalar) {
      algorithm.name = node.text;
    } else if (node.kind == Node::Kind::map && node.entries.size() == 1) {
      const Entry& entry = node.entries[0];
      algorithm.name = entry.key;
      if (const auto* options = algorithm_options(entry.key)) {
        options->decode(cursor.enter(entry), value);
      } else if (!known(entry.key)) {
        cursor.mistake_at(entry, fmt::format("unknown algorithm '{}'", config::shorten(entry.key)),
                          algorithm_meant(entry.key));
      } else if (!entry.value.is_null() && !entry.value.entries.empty()) {
        cursor.mistake_at(entry, fmt::format("{} has no options", entry.key),
                          fmt::format("write 'algorithm: {}'", entry.key));
      }
    } else {
      cursor.wrong_kind(
          "write 'algorithm: peak_ewma' or 'algorithm: { ring_hash: { key: path } }'");
    }
  }
  Node encode(const void* value, Write how) const override {
    const auto& algorithm = as<Algorithm>(value);
    const auto* options = algorithm_options(algorithm.name);
    Node written = options != nullptr ? options->encode(value, how) : Node{};
    if (written.entries.empty()) return Node::scalar(algorithm.name);
    Node map = Node::map();
    map.add(algorithm.name, std::move(written));
    return map;
  }
  bool equal(const void* a, const void* b) const override {
    return as<Algorithm>(a) == as<Algorithm>(b);
  }
  void check(const void* value, const Trail& where, Findings& findings) const override {
    const auto& algorithm = as<Algorithm>(value);
    if (!known(algorithm.name)) {
      findings.add(where, fmt::format("unknown algorithm '{}'", config::shorten(algorithm.name)),
                   algorithm_meant(algorithm.name));
    }
    const auto* options = algorithm_options(algorithm.name);
    if (options == nullptr) return;
    const Trail below = where.enter(algorithm.name);
    options->check(value, below, findings);
    if (algorithm.name == "maglev" && !syntax::is_prime(algorithm.table)) {
      findings.add(
          below.enter("table"), fmt::format("{} is not a prime", algorithm.table),
          fmt::format("write {}", syntax::next_prime(std::min(algorithm.table, 5'000'011u))));
    }
    const double factor = algorithm.balance_factor;
    if (algorithm.name == "ring_hash" && factor > 0 && factor < 1) {
      findings.add(below.enter("balance_factor"),
                   fmt::format("{} lets no endpoint carry its share", factor),
                   "write 0 for unbounded, or at least 1, such as 1.25");
    }
  }
  std::vector<Child> children() const override {
    std::vector<Child> children;
    for (const std::string& name : algorithm_names()) {
      if (const auto* options = algorithm_options(name)) children.push_back({name, options});
    }
    return children;
  }

 private:
  static bool known(const std::string& name) {
    return std::find(algorithm_names().begin(), algorithm_names().end(), name) !=
           algorithm_names().end();
  }
};

// ---------------------------------------------------------------- endpoints

class EndpointType final : public Type {
 public:
  std::string name() const override { return "address, or map"; }
  void decode(const Cursor& cursor, void* value) const override {
    if (cursor.node().kind == Node::Kind::scalar) {
      static_cast<StaticEndpoint*>(value)->address = cursor.node().text;
    } else if (cursor.node().is_null()) {
      cursor.wrong_kind("write its address: 127.0.0.1:9001");
    } else {
      fields().decode(cursor, value);
    }
  }
  Node encode(const void* value, Write how) const override {
    const auto& endpoint = as<StaticEndpoint>(value);
    const bool address_only = endpoint == StaticEndpoint{endpoint.address, 1, ""};
    if (how == Write::without_defaults && address_only) return Node::quote(endpoint.address);
    return fields().encode(value, how);
  }
  bool equal(const void* a, const void* b) const override {
    return as<StaticEndpoint>(a) == as<StaticEndpoint>(b);
  }
  void check(const void* value, const Trail& where, Findings& findings) const override {
    fields().check(value, where, findings);
  }
  std::vector<Child> children() const override { return {{"", &fields()}}; }

 private:
  static const config::StructType& fields() {
    using config::field;
    static const auto type = config::struct_type<StaticEndpoint>(
        "map", {config::also_called(
                    field("address", &StaticEndpoint::address,
                          "127.0.0.1:9001, [::1]:9001, host.name:9001 or unix:/run/model.sock",
                          config::required("address: 127.0.0.1:9001"),
                          config::is(syntax::endpoint_address)),
                    {"host", "ip", "url", "server", "target", "port"}),
                field("weight", &StaticEndpoint::weight, "its share beside the others",
                      config::between(1, 1000)),
                config::also_called(field("zone", &StaticEndpoint::zone, "its failure domain",
                                          config::is(syntax::resource_name)),
                                    {"availability_zone", "az"})});
    return type;
  }
};

}  // namespace

const std::vector<std::string>& algorithm_names() {
  static const std::vector<std::string> names = {
      "least_request", "maglev",      "peak_ewma",           "random",
      "ring_hash",     "round_robin", "weighted_round_robin"};
  return names;
}

std::vector<Field> action_fields(std::size_t offset) {
  return {
      config::also_called(
          action_field<Forward>(
              "forward", "sends the request to a target group, or to several by weight", offset),
          {"target_group", "proxy_pass", "backend", "route", "upstream", "forward_to"}),
      action_field<Redirect>(
          "redirect", "answers with another place; parts left out keep the request's own", offset),
      config::also_called(
          action_field<Respond>("respond", "answers at once with a fixed response", offset),
          {"fixed_response", "return", "response", "direct_response"})};
}

void check_one_action(const Cursor& cursor) {
  const Entry* first = nullptr;
  bool misspelt = false;
  for (const Entry& entry : cursor.node().entries) {
    const auto& names = action_names();
    if (std::find(names.begin(), names.end(), entry.key) == names.end()) {
      misspelt = misspelt || config::closest(entry.key, names).has_value();
    } else if (first != nullptr) {
      cursor.mistake_at(entry, fmt::format("a second action beside '{}'", first->key),
                        "keep one of forward, redirect and respond");
    } else {
      first = &entry;
    }
  }
  if (first == nullptr && !misspelt) {
    cursor.findings().add(cursor.trail(), "has no action",
                          "add one of forward, redirect and respond");
  }
}

const Type& redirect_port_type() {
  static const RedirectPort type;
  return type;
}

const Type& config_type(const Forward*) {
  static const ForwardType type;
  return type;
}
const Type& config_type(const Action*) {
  static const Action defaults;
  static const config::StructType type(
      "action", &defaults, action_fields(0),
      [](const Cursor& cursor, void*) { check_one_action(cursor); });
  return type;
}
const Type& config_type(const Algorithm*) {
  static const AlgorithmType type;
  return type;
}
const Type& config_type(const StaticEndpoint*) {
  static const EndpointType type;
  return type;
}

}  // namespace weir
