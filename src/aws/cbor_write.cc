#include <algorithm>
#include <bit>

#include "aws/cbor.h"

namespace weir::aws {
namespace {

void head(std::string& out, unsigned major, std::uint64_t argument) {
  const auto first = [&](unsigned info) { out += static_cast<char>(major << 5 | info); };
  int size = 0;
  if (argument < 24) {
    first(static_cast<unsigned>(argument));
    return;
  }
  if (argument <= 0xff) {
    first(24);
    size = 1;
  } else if (argument <= 0xffff) {
    first(25);
    size = 2;
  } else if (argument <= 0xffffffff) {
    first(26);
    size = 4;
  } else {
    first(27);
    size = 8;
  }
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
    out += static_cast<char>(argument >> shift & 255);
  }
}

void real(std::string& out, double number) {
  out += '\xfb';
  const auto bits = std::bit_cast<std::uint64_t>(number);
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(bits >> shift & 255);
}

void write(std::string& out, const Member& member, const Value& value);

void structure(std::string& out, const Shape& shape, const Structure& held) {
  const std::size_t count = std::min(shape.members.size(), held.members.size());
  const auto given =
      std::count_if(held.members.begin(), held.members.begin() + static_cast<long>(count),
                    [](const Value& value) { return value.given(); });
  append_cbor_map(out, static_cast<std::size_t>(given));
  for (std::size_t i = 0; i < count; ++i) {
    if (!held.members[i].given()) continue;
    append_cbor_text(out, shape.members[i].wire_name());
    write(out, shape.members[i], held.members[i]);
  }
}

void whole(std::string& out, std::int64_t number) {
  if (number >= 0) {
    head(out, 0, static_cast<std::uint64_t>(number));
  } else {
    head(out, 1, static_cast<std::uint64_t>(-1 - number));
  }
}

void write(std::string& out, const Member& member, const Value& value) {
  const Shape& shape = *member.shape;
  if (const auto* held = value.as<Structure>()) {
    structure(out, shape, *held);
  } else if (const auto* list = value.as<List>()) {
    head(out, 4, list->items.size());
    for (const Value& item : list->items) write(out, *shape.item, item);
  } else if (const auto* map = value.as<Map>()) {
    append_cbor_map(out, map->entries.size());
    for (const Entry& entry : map->entries) {
      append_cbor_text(out, entry.key);
      write(out, *shape.item, entry.value);
    }
  } else if (const auto* text = value.as<std::string>()) {
    if (shape.kind == Kind::blob) {
      head(out, 2, text->size());
      out += *text;
    } else {
      append_cbor_text(out, *text);
    }
  } else if (const auto* number = value.as<double>()) {
    real(out, *number);
  } else if (const auto* integer = value.as<std::int64_t>()) {
    shape.kind == Kind::real ? real(out, static_cast<double>(*integer)) : whole(out, *integer);
  } else if (const auto* flag = value.as<bool>()) {
    out += *flag ? '\xf5' : '\xf4';
  } else if (const auto* time = value.as<WallTime>()) {
    out += '\xc1';
    real(out, seconds(time->time_since_epoch()));
  } else {
    out += '\xf6';
  }
}

}  // namespace

void append_cbor_map(std::string& out, std::size_t entries) { head(out, 5, entries); }

void append_cbor_text(std::string& out, std::string_view text) {
  head(out, 3, text.size());
  out += text;
}

std::string write_cbor_value(const Member& member, const Value& value) {
  std::string out;
  write(out, member, value);
  return out;
}

}  // namespace weir::aws
