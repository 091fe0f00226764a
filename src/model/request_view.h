// RequestView: what rules, hashing and records may read of a request. Views into bytes owned by
// the protocol; nothing here outlives the request.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "model/ip.h"

namespace weir {

struct HeaderView {
  std::string_view name;   // as sent
  std::string_view value;  // without surrounding white space
};

struct RequestView {
  std::string_view method;
  std::string_view scheme = "http";
  std::string_view host;   // without the port; as sent
  std::uint16_t port = 0;  // of the Host header, else of the listener
  std::string_view path;   // as sent, without the query
  std::string_view query;  // without the '?'
  std::span<const HeaderView> headers;
  Ip source;  // of the client
  std::uint16_t source_port = 0;

  // The first header of that name, compared without case.
  std::optional<std::string_view> header(std::string_view name) const;
  // The value of one cookie of the Cookie headers.
  std::optional<std::string_view> cookie(std::string_view name) const;
};

bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace weir
