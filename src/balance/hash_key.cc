#include "balance/hash_key.h"

#include <fmt/format.h>

#include <optional>

#include "base/hash.h"

namespace weir::balance {

Result<HashKey> HashKey::parse(std::string_view text) {
  if (text == "source") return HashKey(Kind::source, {});
  if (text == "path") return HashKey(Kind::path, {});
  if (text == "flow") return HashKey(Kind::flow, {});
  const auto colon = text.find(':');
  if (colon != text.npos && colon + 1 < text.size()) {
    const std::string_view kind = text.substr(0, colon);
    const std::string_view name = text.substr(colon + 1);
    if (kind == "header") return HashKey(Kind::header, name);
    if (kind == "cookie") return HashKey(Kind::cookie, name);
  }
  return fail(Code::invalid,
              fmt::format("key '{}' must be header:NAME, cookie:NAME, path, source or flow", text));
}

std::uint64_t HashKey::of(const RequestView& request) const {
  std::optional<std::string_view> value;
  if (kind_ == Kind::header) value = request.header(name_);
  if (kind_ == Kind::cookie) value = request.cookie(name_);
  if (kind_ == Kind::path) value = request.path;
  if (value) return hash(*value);
  const auto& bytes = request.source.bytes;
  const auto of_source = hash({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (kind_ != Kind::flow) return of_source;
  return hash_mix(of_source, std::uint64_t{request.source_port} << 16 | request.port);
}

}  // namespace weir::balance
