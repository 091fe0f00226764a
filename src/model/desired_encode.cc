#include "model/desired_encode.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/field.h"
#include "config/json.h"
#include "config/yaml.h"
#include "model/desired_fields.h"

namespace weir {
namespace {

using config::Entry;
using config::Node;
using config::Write;
using Kind = Node::Kind;

Node encode(const Desired& desired, Write how) {
  return config::type_of<Desired>().encode(&desired, how);
}

// The same value twice: in full, to compare; without defaults, to show.
struct Views {
  const Node* full = nullptr;
  const Node* brief = nullptr;  // absent where all of it is default
};

std::string show(const Views& views) {
  const Node& node = views.brief != nullptr ? *views.brief : *views.full;
  if (node.kind == Kind::map && node.entries.empty()) return "all defaults";
  return config::write_yaml_inline(node);
}

Views enter(const Views& views, const std::string& key) {
  const auto value = [&key](const Node* node) -> const Node* {
    const Entry* entry = node != nullptr && node->kind == Kind::map ? node->find(key) : nullptr;
    return entry != nullptr ? &entry->value : nullptr;
  };
  return {value(views.full), value(views.brief)};
}

Views item(const Views& views, std::size_t index) {
  const auto value = [index](const Node* node) -> const Node* {
    if (node == nullptr || node->kind != Kind::sequence || index >= node->items.size()) {
      return nullptr;
    }
    return &node->items[index];
  };
  return {value(views.full), value(views.brief)};
}

void compare(const Views& from, const Views& to, const std::string& path,
             std::vector<Difference>& out) {
  if (from.full == nullptr && to.full == nullptr) return;
  if (from.full == nullptr) return out.push_back({path, "", show(to)});
  if (to.full == nullptr) return out.push_back({path, show(from), ""});
  if (*from.full == *to.full) return;
  if (from.full->kind == Kind::map && to.full->kind == Kind::map) {
    const auto below = [&path](const std::string& key) {
      return path.empty() ? key : path + '.' + key;
    };
    for (const Entry& entry : from.full->entries) {
      compare(enter(from, entry.key), enter(to, entry.key), below(entry.key), out);
    }
    for (const Entry& entry : to.full->entries) {
      if (from.full->find(entry.key) == nullptr) {
        compare({}, enter(to, entry.key), below(entry.key), out);
      }
    }
    return;
  }
  const auto has_maps = [](const Node& node) {
    return std::any_of(node.items.begin(), node.items.end(),
                       [](const Node& one) { return one.kind == Kind::map; });
  };
  const bool lists = from.full->kind == Kind::sequence && to.full->kind == Kind::sequence;
  if (lists && (has_maps(*from.full) || has_maps(*to.full))) {
    const std::size_t most = std::max(from.full->items.size(), to.full->items.size());
    for (std::size_t i = 0; i < most; ++i) {
      compare(item(from, i), item(to, i), fmt::format("{}[{}]", path, i), out);
    }
    return;
  }
  out.push_back({path, show({from.full, nullptr}), show({to.full, nullptr})});
}

}  // namespace

std::string export_yaml(const Desired& desired) {
  return config::write_yaml(encode(desired, Write::without_defaults));
}

std::string export_json(const Desired& desired, bool in_full) {
  return config::write_json(encode(desired, in_full ? Write::in_full : Write::without_defaults));
}

namespace {

// Only what differs needs to become text: ten thousand rules that stay are compared as values.
void drop_equal(Desired& a, Desired& b) {
  const auto drop = [](auto& one, auto& other) {
    for (auto it = one.begin(); it != one.end();) {
      const auto same = other.find(it->first);
      if (same != other.end() && same->second == it->second) {
        other.erase(same);
        it = one.erase(it);
      } else {
        ++it;
      }
    }
  };
  drop(a.listeners, b.listeners);
  drop(a.target_groups, b.target_groups);
  drop(a.scaling_groups, b.scaling_groups);
}

}  // namespace

std::vector<Difference> differences(const Desired& from, const Desired& to) {
  Desired before = from;
  Desired after = to;
  drop_equal(before, after);
  const Node from_full = encode(before, Write::in_full);
  const Node from_brief = encode(before, Write::without_defaults);
  const Node to_full = encode(after, Write::in_full);
  const Node to_brief = encode(after, Write::without_defaults);
  std::vector<Difference> out;
  compare({&from_full, &from_brief}, {&to_full, &to_brief}, "", out);
  return out;
}

}  // namespace weir
