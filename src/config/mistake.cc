#include "config/mistake.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace weir::config {
namespace {

struct Found {
  Place place;
  Path path;  // ends at a scalar: what is below a short form has no name of its own
};

// The place of a path: its value; its key where the value is a map or a part of the path is absent.
Found find(const Document& document, const Path& path) {
  const Node* node = &document.root;
  Found found{node->place, path};
  for (std::size_t i = 0; i < path.size(); ++i) {
    const Step& step = path[i];
    if (node->kind == Node::Kind::scalar) {
      found.path.resize(i);
      return found;
    }
    if (step.index >= 0) {
      const auto item = static_cast<std::size_t>(step.index);
      if (node->kind != Node::Kind::sequence || item >= node->items.size()) return found;
      node = &node->items[item];
      found.place = node->place;
    } else {
      const Entry* entry = node->kind == Node::Kind::map ? node->find(step.key) : nullptr;
      if (entry == nullptr) return found;
      node = &entry->value;
      const bool on_value = node->kind == Node::Kind::scalar || node->kind == Node::Kind::sequence;
      found.place = on_value ? node->place : entry->place;
    }
  }
  return found;
}

bool starts_with(const Path& path, const Path& start) {
  return start.size() <= path.size() && std::equal(start.begin(), start.end(), path.begin());
}

}  // namespace

std::string to_string(const Mistake& mistake) {
  std::string text = mistake.file;
  const auto part = [&text](std::string_view more) {
    if (more.empty()) return;
    if (!text.empty()) text += ": ";
    text += more;
  };
  if (mistake.line > 0) text += fmt::format(":{}:{}", mistake.line, mistake.column);
  part(mistake.path);
  part(mistake.what);
  part(mistake.remedy);
  return text;
}

std::string to_string(const Path& path) {
  std::string text;
  for (const Step& step : path) {
    if (step.index >= 0) {
      text += fmt::format("[{}]", step.index);
    } else {
      if (!text.empty()) text += '.';
      text += step.key;
    }
  }
  return text;
}

Path Trail::path() const {
  Path path;
  for (const Trail* at = this; at->parent != nullptr; at = at->parent) {
    path.push_back({std::string(at->key), at->index});
  }
  std::reverse(path.begin(), path.end());
  return path;
}

void Findings::add(const Trail& where, std::string what, std::string remedy) {
  add(Finding{where.path(), std::nullopt, std::move(what), std::move(remedy)});
}

void Findings::add(const Trail& where, Place place, std::string what, std::string remedy) {
  add(Finding{where.path(), place, std::move(what), std::move(remedy)});
}

void Findings::add(Finding finding) {
  if (!finding.place && follows(finding.path)) return;
  if (all_.size() >= kMost) {
    ++more_;
    return;
  }
  all_.push_back(std::move(finding));
}

void Findings::expect(const Trail& where) { expected_.push_back(where.path()); }

bool Findings::touched(const Trail& where) const {
  const Path path = where.path();
  return std::any_of(all_.begin(), all_.end(),
                     [&path](const Finding& finding) { return starts_with(finding.path, path); });
}

bool Findings::follows(const Path& path) const {
  for (const Path& expected : expected_) {
    if (starts_with(path, expected)) return true;
  }
  for (const Finding& finding : all_) {
    if (finding.place && !finding.path.empty() && starts_with(path, finding.path)) return true;
  }
  return false;
}

std::vector<Mistake> Findings::locate(const Document& document) const {
  std::vector<std::pair<Place, Mistake>> placed;
  for (const Finding& finding : all_) {
    const Found found =
        finding.place ? Found{*finding.place, finding.path} : find(document, finding.path);
    const Place place = found.place;
    Mistake mistake;
    if (place.file < document.files.size()) mistake.file = document.files[place.file];
    mistake.line = place.line;
    mistake.column = place.column;
    mistake.path = to_string(found.path);
    mistake.what = finding.what;
    mistake.remedy = finding.remedy;
    placed.emplace_back(place, std::move(mistake));
  }
  std::stable_sort(placed.begin(), placed.end(), [](const auto& a, const auto& b) {
    return std::tie(a.first.file, a.first.line, a.first.column) <
           std::tie(b.first.file, b.first.line, b.first.column);
  });
  std::vector<Mistake> mistakes;
  for (auto& [place, mistake] : placed) mistakes.push_back(std::move(mistake));
  if (more_ > 0) {
    Mistake rest;
    if (!document.files.empty()) rest.file = document.files.front();
    rest.what = fmt::format("{} more mistakes", more_);
    rest.remedy = "mend those above first";
    mistakes.push_back(std::move(rest));
  }
  return mistakes;
}

}  // namespace weir::config
