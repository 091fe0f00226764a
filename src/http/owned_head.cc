#include "http/owned_head.h"

#include <vector>

namespace weir::http {
namespace {

// The lines, with the Host header naming another host.
std::vector<HeaderView> with_host(std::span<const HeaderView> lines,
                                  const std::optional<std::string>& host) {
  std::vector<HeaderView> out(lines.begin(), lines.end());
  if (!host) return out;
  for (HeaderView& line : out) {
    if (known_header(line.name) == Known::host) line.value = *host;
  }
  return out;
}

std::string_view without_port(std::string_view authority) {
  const auto colon = authority.rfind(':');
  const bool has_port = colon != authority.npos && authority.find(']', colon) == authority.npos;
  std::string_view host = has_port ? authority.substr(0, colon) : authority;
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  return host;
}

}  // namespace

OwnedFields::OwnedFields(std::span<const HeaderView> lines) {
  std::size_t size = 0;
  for (const HeaderView& line : lines) size += line.name.size() + line.value.size() + 4;
  bytes_.reserve(size);
  fields_.list.reserve(lines.size());
  fields_.known.reserve(lines.size());
  for (const HeaderView& line : lines) {
    const char* const name = bytes_.data() + bytes_.size();
    bytes_.append(line.name).append(": ").append(line.value).append("\r\n");
    fields_.add({name, line.name.size()}, {name + line.name.size() + 2, line.value.size()});
  }
  fields_.raw = bytes_;
}

OwnedHead::OwnedHead(const RequestHead& head, std::span<const HeaderView> lines,
                     const std::optional<std::string>& host, const std::optional<std::string>& path,
                     const std::optional<std::string>& query)
    : method_(head.method),
      target_(head.target),
      path_(path ? *path : std::string(head.path)),
      query_(query ? *query : std::string(head.query)),
      host_(host ? without_port(*host) : head.host),
      authority_(host ? *host : std::string(head.authority)),
      fields_(with_host(lines, host)),
      head_(head) {
  head_.method = method_;
  head_.target = target_;
  head_.path = path_;
  const bool has_query = query ? !query->empty() : head.query.data() != nullptr;
  head_.query = has_query ? std::string_view(query_) : std::string_view();
  head_.host = host_;
  head_.authority = authority_;
  head_.fields = fields_.fields();
}

}  // namespace weir::http
