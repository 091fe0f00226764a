// What the typed structs of a model are made of; the generated headers aws/models/<service>.h
// include it and nothing else.
//
//   scalar, structure   std::optional<T>; integers are std::int64_t, reals double, enums and blobs
//                       std::string, timestamps WallTime
//   list                ListOf<T>: a vector that knows whether it was given
//   map                 MapOf<T>: a map from strings, likewise
//   document            std::optional<Value>
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "aws/value.h"

namespace weir::aws {

// A list of an input is given() where the caller sent it, also empty. A list of an output is
// written where it was filled or assigned, and at the top of an output always.
template <class T>
class ListOf : public std::vector<T> {
 public:
  ListOf() = default;
  ListOf(std::initializer_list<T> items) : std::vector<T>(items), given_(true) {}
  ListOf(std::vector<T> items)  // NOLINT: is a vector
      : std::vector<T>(std::move(items)), given_(true) {}
  bool given() const { return given_ || !this->empty(); }
  void give() { given_ = true; }

 private:
  bool given_ = false;
};

template <class T>
class MapOf : public std::map<std::string, T> {
 public:
  bool given() const { return given_ || !this->empty(); }
  void give() { given_ = true; }

 private:
  bool given_ = false;
};

struct Type;

}  // namespace weir::aws
