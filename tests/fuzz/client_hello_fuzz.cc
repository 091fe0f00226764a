// ClientHello: judged alike whatever records it is cut into, and however much of it has come.
// sources: src/net/client_hello.cc src/base/check.cc
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "net/client_hello.h"

namespace {

using namespace weir::net;  // NOLINT: a fuzzer of this namespace
using Kind = ClientHello::Kind;

// In memory of exactly its size, so that ASan sees whatever reads further.
ClientHello parse(std::string_view bytes) {
  const std::vector<char> exact(bytes.begin(), bytes.end());
  return parse_client_hello({exact.data(), exact.size()});
}

std::string in_records(std::string_view message, std::size_t size) {
  std::string out;
  while (!message.empty()) {
    const std::string_view piece = message.substr(0, size);
    out += "\x16\x03\x01";
    out += static_cast<char>(piece.size() >> 8);
    out += static_cast<char>(piece.size() & 0xff);
    out += piece;
    message.remove_prefix(piece.size());
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t step = 1 + data[0];
  const bool raw = data[1] & 1;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 2, size - 2);
  if (raw) {  // records as they come
    const ClientHello whole = parse(rest);
    const Kind before = parse(rest.substr(0, rest.size() / 2)).kind;
    if (before != Kind::incomplete) CHECK(whole.kind == before);
    if (whole.kind == Kind::incomplete) CHECK(rest.size() < kMaxClientHello);
    return 0;
  }
  // A message with its head put right, in records of two sizes.
  if (rest.size() > kMaxClientHello / 8) return 0;
  std::string message = "\x01";
  for (const int shift : {16, 8, 0}) message += static_cast<char>(rest.size() >> shift & 0xff);
  message += rest;
  const ClientHello one = parse(in_records(message, message.size()));
  const ClientHello many = parse(in_records(message, std::max<std::size_t>(step, 8)));
  CHECK(one.kind == many.kind);
  CHECK(one.kind == Kind::done || one.kind == Kind::bad);
  CHECK(one.server_name == many.server_name && one.alpn == many.alpn);
  if (one.kind == Kind::done) {
    CHECK(one.server_name.size() <= 255);
    CHECK(one.server_name.find('\0') == std::string::npos);
  }
  return 0;
}
