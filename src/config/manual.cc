#include "config/manual.h"

#include <fmt/format.h>

#include <algorithm>

namespace weir::config {
namespace {

void walk(const Type& type, const std::string& path, std::vector<ManualEntry>& out);

void walk_field(const StructType& owner, const Field& field, const std::string& prefix,
                std::vector<ManualEntry>& out) {
  ManualEntry entry;
  entry.path = prefix.empty() ? field.name : prefix + '.' + field.name;
  entry.type = field.type->name();
  entry.fallback = owner.default_text(field);
  entry.text = field.text;
  for (const Check& check : field.checks) {
    const bool said = entry.range.find(check.range) != std::string::npos;
    const bool has_default = check.range == "required" && !entry.fallback.empty();
    if (check.range.empty() || said || has_default) continue;
    entry.range += (entry.range.empty() ? "" : "; ") + check.range;
  }
  out.push_back(entry);
  walk(*field.type, entry.path, out);
}

void walk(const Type& type, const std::string& path, std::vector<ManualEntry>& out) {
  if (const auto* fields = dynamic_cast<const StructType*>(&type)) {
    for (const Field& field : fields->fields()) {
      if (field.in_manual) walk_field(*fields, field, path, out);
    }
    return;
  }
  for (const Child& child : type.children()) {
    const bool item = child.step == "[]";
    walk(*child.type, item || child.step.empty() ? path + child.step : path + '.' + child.step,
         out);
  }
}

// Path to steps; `rules[2]` and `rules[]` are `rules`, `[]`.
std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> steps(1);
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '.') {
      steps.emplace_back();
    } else if (path[i] == '[') {
      steps.emplace_back("[]");
      i = std::min(path.find(']', i), path.size());
    } else {
      steps.back() += path[i];
    }
  }
  return steps;
}

// Whether the steps asked for are the end (or, with whole, all) of the entry's.
// A list's [] may be left out; NAME stands for any name.
bool matches(const std::vector<std::string>& asked, const std::vector<std::string>& has,
             bool whole) {
  std::size_t i = asked.size();
  std::size_t j = has.size();
  while (i > 0) {
    if (j == 0) return false;
    if (has[j - 1] == "[]" && asked[i - 1] != "[]") {
      --j;
      continue;
    }
    if (has[j - 1] != asked[i - 1] && has[j - 1] != "NAME") return false;
    --i;
    --j;
  }
  return !whole || j == 0;
}

std::string card(const ManualEntry& entry) {
  std::string text = entry.path + "\n  " + entry.type;
  if (!entry.fallback.empty()) text += ", default " + entry.fallback;
  if (!entry.range.empty()) text += ", " + entry.range;
  return text + "\n  " + entry.text + '\n';
}

std::string escape(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '|') result += '\\';
    result += c;
  }
  return result;
}

}  // namespace

std::vector<ManualEntry> manual(const Type& root) {
  std::vector<ManualEntry> entries;
  walk(root, {}, entries);
  return entries;
}

std::optional<std::string> describe(const std::vector<ManualEntry>& manual, std::string_view key) {
  const auto asked = split(key);
  std::vector<const ManualEntry*> found;
  for (const bool whole : {true, false}) {
    for (const ManualEntry& entry : manual) {
      const auto has = split(entry.path);
      if (has.back() == asked.back() && matches(asked, has, whole)) found.push_back(&entry);
    }
    if (!found.empty()) break;
  }
  if (found.empty()) return std::nullopt;
  std::string text;
  for (const ManualEntry* entry : found) {
    text += (text.empty() ? "" : "\n") + card(*entry);
    std::string below;
    for (const ManualEntry& other : manual) {
      const bool under =
          other.path.size() > entry->path.size() && other.path.starts_with(entry->path) &&
          (other.path[entry->path.size()] == '.' || other.path[entry->path.size()] == '[');
      if (!under) continue;
      const std::string rest = other.path.substr(entry->path.size());
      const std::string fallback = other.fallback.empty() ? "" : " (" + other.fallback + ")";
      below += fmt::format("    {}{}: {}\n", rest, fallback, other.text);
    }
    if (!below.empty()) text += "  keys below it:\n" + below;
  }
  return text;
}

std::string reference(const std::vector<ManualEntry>& manual) {
  std::string text =
      "# Configuration reference\n\n"
      "Generated from the tables that read the configuration; do not edit.\n"
      "`NAME` stands for a name of yours, `[]` for the items of a list.\n"
      "Durations: ms, s, m, h, d (`1m30s`). Sizes: B, KiB, MiB, GiB, KB, MB, GB.\n";
  const auto has_below = [&manual](const std::string& top) {
    return std::any_of(manual.begin(), manual.end(), [&top](const ManualEntry& entry) {
      return entry.path.starts_with(top + '.');
    });
  };
  std::string section;
  for (const ManualEntry& entry : manual) {
    const std::string top = entry.path.substr(0, entry.path.find_first_of(".["));
    const std::string title = has_below(top) ? top : "single keys";
    if (title != section) {
      section = title;
      text += fmt::format("\n## {}\n\n| key | type | default | range | meaning |\n", section);
      text += "|---|---|---|---|---|\n";
    }
    const std::string fallback = entry.fallback.empty() ? "" : "`" + escape(entry.fallback) + "`";
    text += fmt::format("| `{}` | {} | {} | {} | {} |\n", entry.path, escape(entry.type), fallback,
                        escape(entry.range), escape(entry.text));
  }
  return text;
}

}  // namespace weir::config
