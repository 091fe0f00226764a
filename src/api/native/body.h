// Body: the JSON object that a request carries: a few known keys, each of one type. Pure.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/node.h"

namespace weir::api {

// Errors are Code::invalid with what to write instead.
class Body {
 public:
  // An object with none but the `known` keys. An empty text is an empty object.
  static Result<Body> parse(std::string_view text, std::initializer_list<std::string_view> known);

  // Required.
  Result<std::string> text(std::string_view key) const;
  Result<std::uint32_t> number(std::string_view key) const;
  // Empty where it is not given.
  Result<std::string> text_or_empty(std::string_view key) const;
  // Likewise; a list of texts.
  Result<std::vector<std::string>> texts_or_none(std::string_view key) const;
  // false where it is not given.
  Result<bool> flag(std::string_view key) const;

 private:
  explicit Body(config::Node root) : root_(std::move(root)) {}
  config::Node root_;
};

// The file that {"path": "/etc/weir/weir.yaml"} names; nullopt when the text says anything else.
std::optional<std::string> named_file(std::string_view json);

}  // namespace weir::api
