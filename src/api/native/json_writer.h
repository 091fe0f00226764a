// JsonWriter: JSON text as it is told, key by key; commas, quotes and escapes are its own business.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace weir::api {

// Lives on the stack of who writes. Bytes that are not UTF-8 come out as U+FFFD.
class JsonWriter {
 public:
  JsonWriter& open();   // {
  JsonWriter& close();  // }
  JsonWriter& open_list();
  JsonWriter& close_list();
  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(double number);  // null where it is no number
  template <class N>
    requires std::is_integral_v<N>
  JsonWriter& value(N number) {
    if constexpr (std::is_same_v<N, bool>) {
      return raw(number ? "true" : "false");
    } else {
      return raw(std::to_string(number));
    }
  }
  JsonWriter& null() { return raw("null"); }
  template <class List>
  JsonWriter& list(const List& items) {
    open_list();
    for (const auto& item : items) value(item);
    return close_list();
  }
  template <class V>
  JsonWriter& field(std::string_view name, const V& v) {
    return key(name).value(v);
  }

  // With a line feed behind it.
  std::string take();

 private:
  JsonWriter& raw(std::string_view text);
  void comma();

  std::string out_;
  bool first_ = true;
};

}  // namespace weir::api
