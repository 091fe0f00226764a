#include "aws/rest.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "aws/json.h"
#include "aws/text.h"

namespace weir::aws {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs read_query(std::string_view text) {
  Pairs pairs;
  while (!text.empty()) {
    const auto end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    const auto value = equals == std::string_view::npos ? "" : pair.substr(equals + 1);
    pairs.emplace_back(percent_decode(pair.substr(0, equals), true), percent_decode(value, true));
  }
  return pairs;
}

std::string lower(std::string_view text) {
  std::string made(text);
  for (char& c : made) {
    if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
  }
  return made;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Items of a header: commas part them, but not within quotes nor within an RFC 822 date.
std::vector<std::string> header_items(std::string_view text, Kind kind, bool http_dates) {
  std::vector<std::string> items;
  int commas_to_skip = http_dates ? 1 : 0;
  std::string item;
  bool quoted = false, was_quoted = false;
  const auto end_item = [&] {
    items.emplace_back(was_quoted ? item : std::string(trim(item)));
    item.clear();
    was_quoted = false;
    commas_to_skip = http_dates ? 1 : 0;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (kind == Kind::string && quoted && c == '\\' && i + 1 < text.size()) {
      item += text[++i];
    } else if (kind == Kind::string && c == '"' && (quoted || trim(item).empty())) {
      if (!quoted) item.clear();
      quoted = !quoted;
      was_quoted = true;
    } else if (c == ',' && !quoted && commas_to_skip-- <= 0) {
      end_item();
    } else if (!was_quoted || quoted) {
      item += c;
    }
  }
  end_item();
  return items;
}

std::string list_to_header(const Member& member, const List& list) {
  const Member& item = *member.shape->item;
  const TimeFormat format =
      item.time_format == TimeFormat::unset ? TimeFormat::rfc822 : item.time_format;
  std::string text;
  for (const Value& value : list.items) {
    if (!text.empty()) text += ", ";
    std::string one = scalar_to_text(value, *item.shape, format);
    const bool quote =
        item.shape->kind == Kind::string && one.find_first_of(",\"") != std::string::npos;
    text += quote ? json_quoted(one) : one;
  }
  return text;
}

class BindingReader {
 public:
  BindingReader(const WireRequest& request, Reading& reading)
      : request_(request), reading_(reading), query_(read_query(request.query)) {}

  Value read(const Member& member, const Labels& labels) {
    switch (member.place) {
      case Place::uri: {
        const auto found = labels.find(member.wire_name());
        return found == labels.end() ? Value() : scalar(member, found->second);
      }
      case Place::query:
        return from_query(member);
      case Place::header:
        return from_header(member);
      case Place::headers:
        return from_headers(member);
      default:
        return {};
    }
  }
  const Pairs& query() const { return query_; }

 private:
  Value scalar(const Member& member, std::string_view text) {
    if (auto value = scalar_from_text(*member.shape, text)) return *std::move(value);
    reading_.complain(member.name, member.shape->kind);
    return {};
  }

  std::vector<std::string> values(std::string_view name) const {
    std::vector<std::string> found;
    for (const auto& [key, value] : query_) {
      if (key == name) found.push_back(value);
    }
    return found;
  }

  Value from_query(const Member& member) {
    if (member.shape->kind == Kind::map) return query_map(member);
    const auto found = values(member.wire_name());
    if (found.empty()) return {};
    if (member.shape->kind != Kind::list) return scalar(member, found.front());
    List list;
    for (const std::string& text : found) list.items.push_back(scalar(*member.shape->item, text));
    return list;
  }

  // Every parameter: a map in the query takes what has no other name.
  Value query_map(const Member& member) {
    Map map;
    const bool lists = member.shape->item->shape->kind == Kind::list;
    for (const auto& [key, value] : query_) {
      const auto known = std::find_if(map.entries.begin(), map.entries.end(),
                                      [&](const Entry& entry) { return entry.key == key; });
      if (!lists) {
        if (known == map.entries.end()) map.entries.push_back({key, value});
      } else if (known == map.entries.end()) {
        map.entries.push_back({key, List{{value}}});
      } else {
        known->value.as<List>()->items.emplace_back(value);
      }
    }
    return map.entries.empty() ? Value() : Value(std::move(map));
  }

  Value from_header(const Member& member) {
    const std::string* text = request_.header(lower(member.wire_name()));
    if (!text) return {};
    if (member.json_value) {
      const auto decoded = decode_base64(*text);
      const auto parsed = parse_json(decoded.value_or(""));
      if (parsed) return document_of(*parsed);
      reading_.complain(member.name, Kind::document);
      return {};
    }
    if (member.shape->kind != Kind::list) return scalar(member, *text);
    const Member& item = *member.shape->item;
    const bool dates =
        item.shape->kind == Kind::timestamp &&
        (item.time_format == TimeFormat::unset || item.time_format == TimeFormat::rfc822);
    List list;
    if (trim(*text).empty()) return list;
    for (const std::string& one : header_items(*text, item.shape->kind, dates)) {
      list.items.push_back(scalar(item, one));
    }
    return list;
  }

  // The names of the map are what follows the prefix, in lower case.
  Value from_headers(const Member& member) {
    const std::string prefix = lower(member.location_name);
    Map map;
    for (const Header& header : request_.headers) {
      if (!header.name.starts_with(prefix)) continue;
      map.entries.push_back({header.name.substr(prefix.size()), header.value});
    }
    return map.entries.empty() ? Value() : Value(std::move(map));
  }

  const WireRequest& request_;
  Reading& reading_;
  Pairs query_;
};

std::string_view without_slash(std::string_view path) {
  return path.size() > 1 && path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
}

bool query_has(const Pairs& pairs, const std::pair<std::string, std::string>& wanted) {
  return std::find(pairs.begin(), pairs.end(), wanted) != pairs.end();
}

std::optional<Labels> match_path(std::string_view pattern, std::string_view path) {
  Labels labels;
  while (!pattern.empty()) {
    if (pattern.front() != '{') {
      if (path.empty() || path.front() != pattern.front()) return std::nullopt;
      pattern.remove_prefix(1);
      path.remove_prefix(1);
      continue;
    }
    const auto close = pattern.find('}');
    if (close == std::string_view::npos) return std::nullopt;
    std::string_view name = pattern.substr(1, close - 1);
    pattern.remove_prefix(close + 1);
    const bool greedy = name.ends_with('+');
    if (greedy) name.remove_suffix(1);
    auto end = greedy ? path.size() : std::min(path.find('/'), path.size());
    if (greedy && !pattern.empty()) {
      end = path.rfind(pattern.substr(0, pattern.find('{')));
      if (end == std::string_view::npos) return std::nullopt;
    }
    if (end == 0) return std::nullopt;
    labels.emplace(name, percent_decode(path.substr(0, end), false));
    path.remove_prefix(end);
  }
  if (!path.empty()) return std::nullopt;
  return labels;
}

}  // namespace

std::optional<Labels> match_uri(std::string_view uri, std::string_view path,
                                std::string_view query) {
  const auto mark = uri.find('?');
  if (mark != std::string_view::npos) {
    const Pairs pairs = read_query(query);
    for (const auto& wanted : read_query(uri.substr(mark + 1))) {
      if (!query_has(pairs, wanted)) return std::nullopt;
    }
  }
  const std::string_view pattern = uri.substr(0, mark);
  if (auto labels = match_path(pattern, path)) return labels;
  return match_path(without_slash(pattern), without_slash(path));
}

std::size_t fixed_text(std::string_view uri) {
  std::size_t count = 0;
  bool within = false;
  for (const char c : uri) {
    if (c == '{') within = true;
    if (!within) ++count;
    if (c == '}') within = false;
  }
  return count;
}

void read_bindings(const Shape& input, const Labels& labels, const WireRequest& request,
                   Structure& to, Reading& reading) {
  BindingReader reader(request, reading);
  for (std::size_t i = 0; i < input.members.size(); ++i) {
    const Member& member = input.members[i];
    if (member.place != Place::body) to.members[i] = reader.read(member, labels);
  }
}

void write_bindings(const Shape& output, const Structure& from, WireResponse& to) {
  for (std::size_t i = 0; i < output.members.size() && i < from.members.size(); ++i) {
    const Member& member = output.members[i];
    const Value& value = from.members[i];
    if (!value.given()) continue;
    if (member.place == Place::status) {
      if (const auto* status = value.as<std::int64_t>()) to.status = static_cast<int>(*status);
    } else if (member.place == Place::headers) {
      const auto* map = value.as<Map>();
      for (const Entry& entry : map ? map->entries : std::vector<Entry>()) {
        const auto* text = entry.value.as<std::string>();
        if (text) to.headers.push_back({lower(member.location_name) + lower(entry.key), *text});
      }
    } else if (member.place == Place::header) {
      std::string text;
      if (member.json_value) {
        text = encode_base64(write_document(value));
      } else if (const auto* list = value.as<List>()) {
        text = list_to_header(member, *list);
      } else {
        const TimeFormat format =
            member.time_format == TimeFormat::unset ? TimeFormat::rfc822 : member.time_format;
        text = scalar_to_text(value, *member.shape, format);
      }
      // A line break within would end the header.
      std::erase_if(text, [](char c) { return c == '\r' || c == '\n'; });
      to.headers.push_back({lower(member.wire_name()), text});
    }
  }
}

}  // namespace weir::aws
