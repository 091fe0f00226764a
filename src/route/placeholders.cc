#include "route/placeholders.h"

namespace weir::route {
namespace {

// What #{name} stands for; false where it is none.
bool append_value(std::string& out, std::string_view name, const RequestView& request) {
  if (name == "protocol") {
    out += request.scheme;
  } else if (name == "host") {
    out += request.host;
  } else if (name == "port") {
    out += std::to_string(request.port != 0 ? request.port : default_port(request.scheme));
  } else if (name == "path") {
    out += request.path.substr(request.path.substr(0, 1) == "/" ? 1 : 0);
  } else if (name == "query") {
    out += request.query;
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::uint16_t default_port(std::string_view protocol) { return protocol == "https" ? 443 : 80; }

std::string filled(std::string_view text, const RequestView& request, const Pattern::Taken* taken) {
  std::string out;
  const std::string_view marks = taken ? "#$" : "#";
  while (!text.empty()) {
    const auto mark = text.find_first_of(marks);
    if (mark == text.npos || mark + 1 == text.size()) break;
    out += text.substr(0, mark);
    text.remove_prefix(mark);
    const auto close = text[1] == '{' ? text.find('}') : text.npos;
    if (text[0] == '$' && text[1] >= '1' && text[1] <= '9') {
      out += (*taken)[static_cast<std::size_t>(text[1] - '1')];
      text.remove_prefix(2);
    } else if (text[0] == '$' && text[1] == '$') {
      out += '$';
      text.remove_prefix(2);
    } else if (text[0] == '#' && close != text.npos &&
               append_value(out, text.substr(2, close - 2), request)) {
      text.remove_prefix(close + 1);
    } else {
      out += text[0];
      text.remove_prefix(1);
    }
  }
  return out += text;
}

}  // namespace weir::route
