// Mistake: what is wrong in a config, where, and what to do about it. Values only; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/node.h"

namespace weir::config {

struct Mistake {
  std::string file;
  int line = 0;      // from 1; 0 where the source has no lines
  int column = 0;    // from 1
  std::string path;  // by keys: listeners.public.bind, rules[2]; empty for the whole file
  std::string what;
  std::string remedy;  // may be empty
  bool operator==(const Mistake&) const = default;
};

// fleet.yaml:14:9: listeners.public.bind: port 70000 is above 65535: write a port from 1 to 65535
std::string to_string(const Mistake& mistake);

// One step down a tree: a key, or with index >= 0 an item of a list.
struct Step {
  std::string key;
  int index = -1;
  bool operator==(const Step&) const = default;
};
using Path = std::vector<Step>;

std::string to_string(const Path& path);

// A path under construction: lives on the stack of the walk, made text only for a mistake.
// The parent and the key outlive it.
struct Trail {
  const Trail* parent = nullptr;
  std::string_view key;
  int index = -1;

  Trail enter(std::string_view name) const { return {this, name, -1}; }
  Trail item(std::size_t i) const { return {this, {}, static_cast<int>(i)}; }
  Path path() const;
};

// A complaint of a check; its place is known to whoever called the check.
struct Complaint {
  std::string what;
  std::string remedy;
};

// A mistake by path; `place` is set by decoders and found later for the others.
struct Finding {
  Path path;
  std::optional<Place> place;
  std::string what;
  std::string remedy;
};

// Collects findings of one load. Keeps the first kMost, counts the others, and drops those that
// only follow from an earlier one: same path, or below a part that could not be read.
class Findings {
 public:
  static constexpr std::size_t kMost = 200;

  void add(const Trail& where, std::string what, std::string remedy);
  void add(const Trail& where, Place place, std::string what, std::string remedy);
  void add(Finding finding);
  // What is missing here is not reported: a misspelt key close to it already was.
  void expect(const Trail& where);

  // Whether something was found at `where` or below, so that its content is not to be relied on.
  bool touched(const Trail& where) const;
  bool empty() const { return all_.empty(); }
  // With file names and places, sorted by place.
  std::vector<Mistake> locate(const Document& document) const;

 private:
  bool follows(const Path& path) const;

  std::vector<Finding> all_;
  std::size_t more_ = 0;
  std::vector<Path> expected_;
};

}  // namespace weir::config
