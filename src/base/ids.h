// Id: a number that cannot be mistaken for another kind's.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace weir {

template <class Tag>
struct Id {
  std::uint64_t value = 0;  // 0 is "none"
  auto operator<=>(const Id&) const = default;
  explicit operator bool() const { return value != 0; }
};

using EndpointId = Id<struct EndpointTag>;  // never reused within a process
using GroupId = Id<struct GroupTag>;

}  // namespace weir

template <class Tag>
struct std::hash<weir::Id<Tag>> {
  std::size_t operator()(weir::Id<Tag> id) const { return std::hash<std::uint64_t>{}(id.value); }
};
