// PROXY protocol headers: a header is judged alike however much follows it, no start of it is
// judged otherwise than it is in the end, and whom it names is written so that it reads the same.
// sources: src/net/proxy_protocol.cc src/net/address.cc src/base/check.cc
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "net/proxy_protocol.h"

namespace {

using namespace weir::net;  // NOLINT: a fuzzer of this namespace
using Kind = ProxyParse::Kind;

// In memory of exactly its size, so that ASan sees whatever reads further.
ProxyParse parse(std::string_view bytes) {
  const std::vector<char> exact(bytes.begin(), bytes.end());
  return parse_proxy_header({exact.data(), exact.size()});
}

void check_same(const Address& a, const Address& b) { CHECK(a.to_string() == b.to_string()); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const ProxyParse whole = parse(bytes);
  if (whole.kind == Kind::done) {
    CHECK(whole.length > 0 && whole.length <= size && whole.length <= kMaxProxyHeader);
    CHECK(parse(bytes.substr(0, whole.length)).kind == Kind::done);
    CHECK(parse(bytes.substr(0, whole.length - 1)).kind == Kind::incomplete);
    if (whole.header.names_client()) {
      for (const std::string& again :
           {proxy_header_v1(whole.header.source, whole.header.destination),
            proxy_header_v2(whole.header.source, whole.header.destination)}) {
        const ProxyParse same = parse(again);
        CHECK(same.kind == Kind::done && same.length == again.size());
        check_same(same.header.source, whole.header.source);
        check_same(same.header.destination, whole.header.destination);
      }
    }
  }
  // What is bad stays bad, and what could still become a header was never bad before.
  const std::size_t half = size / 2;
  const Kind before = parse(bytes.substr(0, half)).kind;
  if (before == Kind::bad) CHECK(whole.kind == Kind::bad);
  if (before == Kind::done) CHECK(whole.kind == Kind::done);
  if (whole.kind == Kind::incomplete) CHECK(before == Kind::incomplete && size < kMaxProxyHeader);
  return 0;
}
