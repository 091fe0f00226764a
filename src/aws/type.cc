#include "aws/type.h"

namespace weir::aws {
namespace {

// Calls `with` with the C++ type that holds a scalar of the kind.
template <class With>
auto of_kind(Kind kind, With with) {
  switch (kind) {
    case Kind::integer:
    case Kind::wide:
      return with.template operator()<std::int64_t>();
    case Kind::real:
      return with.template operator()<double>();
    case Kind::boolean:
      return with.template operator()<bool>();
    case Kind::timestamp:
      return with.template operator()<WallTime>();
    default:
      return with.template operator()<std::string>();
  }
}

const void* at(const void* from, std::uint32_t offset) {
  return static_cast<const char*>(from) + offset;
}
void* at(void* from, std::uint32_t offset) { return static_cast<char*>(from) + offset; }

void fill_scalar(Kind kind, const Value& value, void* to) {
  of_kind(kind, [&]<class T>() {
    if (const T* held = value.as<T>()) *static_cast<std::optional<T>*>(to) = *held;
  });
}

void fill_scalars(Kind kind, const Value& value, void* to) {
  const auto* list = value.as<List>();
  if (!list) return;
  of_kind(kind, [&]<class T>() {
    auto& items = *static_cast<ListOf<T>*>(to);
    items.give();
    for (const Value& item : list->items) {
      if (const T* held = item.as<T>()) items.push_back(*held);
    }
  });
}

void fill_map(Kind kind, const Value& value, void* to) {
  const auto* map = value.as<Map>();
  if (!map) return;
  of_kind(kind, [&]<class T>() {
    auto& entries = *static_cast<MapOf<T>*>(to);
    entries.give();
    for (const Entry& entry : map->entries) {
      if (const T* held = entry.value.as<T>()) entries.insert_or_assign(entry.key, *held);
    }
  });
}

void fill_structures(const Type& type, const Value& value, void* to) {
  const auto* list = value.as<List>();
  if (!list) return;
  type.holding.give(to);
  for (const Value& item : list->items) {
    if (item.as<Structure>()) fill(type, item, type.holding.append(to));
  }
}

Value scalar_of(Kind kind, const void* from) {
  return of_kind(kind, [&]<class T>() {
    const auto& held = *static_cast<const std::optional<T>*>(from);
    return held ? Value(*held) : Value();
  });
}

Value scalars_of(Kind kind, const void* from, bool top) {
  return of_kind(kind, [&]<class T>() {
    const auto& items = *static_cast<const ListOf<T>*>(from);
    if (!items.given() && !top) return Value();
    List list;
    for (const T& item : items) list.items.emplace_back(item);
    return Value(std::move(list));
  });
}

Value map_of(Kind kind, const void* from, bool top) {
  return of_kind(kind, [&]<class T>() {
    const auto& entries = *static_cast<const MapOf<T>*>(from);
    if (!entries.given() && !top) return Value();
    Map map;
    for (const auto& [key, value] : entries) map.entries.push_back({key, Value(value)});
    return Value(std::move(map));
  });
}

Value structure_of(const Type& type, const void* from, bool top);

Value structures_of(const Type& type, const void* from, bool top) {
  if (!type.holding.given(from) && !top) return Value();
  List list;
  const std::size_t size = type.holding.size(from);
  list.items.reserve(size);
  for (std::size_t i = 0; i < size; ++i) {
    list.items.push_back(structure_of(type, type.holding.at(from, i), false));
  }
  return Value(std::move(list));
}

Value field_value(const Field& field, const Shape& shape, const void* from, bool top) {
  switch (field.form) {
    case Form::scalar:
      return scalar_of(shape.kind, from);
    case Form::scalars:
      return scalars_of(shape.item->shape->kind, from, top);
    case Form::map:
      return map_of(shape.item->shape->kind, from, top);
    case Form::structures:
      return structures_of(*field.type, from, top);
    case Form::raw: {
      const auto& held = *static_cast<const std::optional<Value>*>(from);
      return held ? *held : Value();
    }
    case Form::structure:
      break;
  }
  const void* held = field.type->holding.get(from);
  return held ? structure_of(*field.type, held, false) : Value();
}

Value structure_of(const Type& type, const void* from, bool top) {
  Structure made;
  made.members.reserve(type.fields.size());
  for (std::size_t i = 0; i < type.fields.size(); ++i) {
    const Field& field = type.fields[i];
    const Shape& shape = *type.shape->members[i].shape;
    const bool in_body = type.shape->members[i].place == Place::body;
    made.members.push_back(field_value(field, shape, at(from, field.offset), top && in_body));
  }
  return made;
}

}  // namespace

void fill(const Type& type, const Value& value, void* to) {
  const auto* held = value.as<Structure>();
  if (!held) return;
  for (std::size_t i = 0; i < type.fields.size() && i < held->members.size(); ++i) {
    const Field& field = type.fields[i];
    const Shape& shape = *type.shape->members[i].shape;
    const Value& member = held->members[i];
    if (!member.given() || member.as<Null>()) continue;
    void* place = at(to, field.offset);
    switch (field.form) {
      case Form::scalar:
        fill_scalar(shape.kind, member, place);
        break;
      case Form::scalars:
        fill_scalars(shape.item->shape->kind, member, place);
        break;
      case Form::map:
        fill_map(shape.item->shape->kind, member, place);
        break;
      case Form::structures:
        fill_structures(*field.type, member, place);
        break;
      case Form::raw:
        *static_cast<std::optional<Value>*>(place) = member;
        break;
      case Form::structure:
        fill(*field.type, member, field.type->holding.emplace(place));
        break;
    }
  }
}

Value value_of(const Type& type, const void* from) { return structure_of(type, from, true); }

Value kept_value_of(const Type& type, const void* from) { return structure_of(type, from, false); }

}  // namespace weir::aws
