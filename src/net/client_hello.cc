#include "net/client_hello.h"

#include <cstdint>
#include <optional>
#include <set>

namespace weir::net {
namespace {

constexpr std::uint8_t kHandshake = 22;
constexpr std::uint8_t kClientHello = 1;
constexpr std::size_t kRecordHead = 5;
constexpr std::size_t kMessageHead = 4;
constexpr std::size_t kLongestRecord = 16 * 1024;
constexpr std::uint64_t kServerName = 0;
constexpr std::uint64_t kAlpn = 16;
constexpr std::size_t kLongestName = 255;

ClientHello end(ClientHello::Kind kind, const char* reason) {
  ClientHello hello;
  hello.kind = kind;
  hello.reason = reason;
  return hello;
}
ClientHello bad(const char* reason) { return end(ClientHello::Kind::bad, reason); }

// Reads off the front; once something is missing, nothing more comes and good() is false.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  bool good() const { return good_; }
  bool at_end() const { return bytes_.empty(); }
  std::uint64_t number(std::size_t width) {
    const std::string_view digits = take(width);
    std::uint64_t value = 0;
    for (const char c : digits) value = value << 8 | static_cast<std::uint8_t>(c);
    return value;
  }
  std::string_view take(std::size_t size) {
    if (size > bytes_.size()) {
      good_ = false;
      bytes_ = {};
      return {};
    }
    const std::string_view front = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return front;
  }
  // What a length of `width` bytes stands before.
  std::string_view counted(std::size_t width) { return take(number(width)); }

 private:
  std::string_view bytes_;
  bool good_ = true;
};

bool is_host(std::string_view name) {
  if (name.empty() || name.size() > kLongestName) return false;
  for (const char c : name) {
    const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '.' || c == '_';
    if (!good) return false;
  }
  return true;
}

bool read_names(std::string_view body, ClientHello& hello) {
  Reader outer(body);
  Reader list(outer.counted(2));
  if (!outer.good() || !outer.at_end() || list.at_end()) return false;
  while (!list.at_end()) {
    const bool host = list.number(1) == 0;
    std::string_view name = list.counted(2);
    if (!list.good()) return false;
    if (!host) continue;  // of a kind that does not exist yet
    if (!hello.server_name.empty()) return false;
    if (name.size() > 1 && name.ends_with('.')) name.remove_suffix(1);
    if (!is_host(name)) return false;
    hello.server_name = name;
  }
  return true;
}

bool read_alpn(std::string_view body, ClientHello& hello) {
  Reader outer(body);
  Reader list(outer.counted(2));
  if (!outer.good() || !outer.at_end() || list.at_end()) return false;
  while (!list.at_end()) {
    const std::string_view protocol = list.counted(1);
    if (!list.good() || protocol.empty()) return false;
    hello.alpn.emplace_back(protocol);
  }
  return true;
}

ClientHello read_message(std::string_view message) {
  ClientHello hello;
  hello.kind = ClientHello::Kind::done;
  Reader reader(message);
  const std::uint64_t version = reader.number(2);
  reader.take(32);  // random
  const std::string_view session = reader.counted(1);
  const std::string_view ciphers = reader.counted(2);
  const std::string_view compressions = reader.counted(1);
  if (!reader.good() || version >> 8 != 3 || session.size() > 32 || ciphers.empty() ||
      ciphers.size() % 2 != 0 || compressions.empty()) {
    return bad("the ClientHello is malformed");
  }
  if (reader.at_end()) return hello;  // no extensions
  Reader extensions(reader.counted(2));
  if (!reader.good() || !reader.at_end()) return bad("the ClientHello is malformed");
  std::set<std::uint64_t> seen;
  while (!extensions.at_end()) {
    const std::uint64_t type = extensions.number(2);
    const std::string_view body = extensions.counted(2);
    if (!extensions.good()) return bad("the ClientHello is malformed");
    if (!seen.insert(type).second) return bad("the ClientHello has an extension twice");
    if (type == kServerName && !read_names(body, hello)) return bad("the server name is malformed");
    if (type == kAlpn && !read_alpn(body, hello)) return bad("the ALPN list is malformed");
  }
  return hello;
}

}  // namespace

ClientHello parse_client_hello(std::string_view bytes) {
  const std::size_t given = bytes.size();
  std::string joined;  // of the fragments, where there is more than one
  std::string_view message;
  while (true) {
    if (bytes.empty()) break;
    if (static_cast<std::uint8_t>(bytes[0]) != kHandshake) {
      return message.empty() ? end(ClientHello::Kind::not_tls, "the client does not speak TLS")
                             : bad("the ClientHello is broken off");
    }
    if (bytes.size() >= 2 && bytes[1] != 3) {
      return end(ClientHello::Kind::not_tls, "the client does not speak TLS");
    }
    if (bytes.size() < kRecordHead) break;
    Reader head(bytes.substr(3, 2));
    const std::size_t length = head.number(2);
    if (length == 0 || length > kLongestRecord) return bad("a TLS record has an impossible length");
    const std::string_view fragment = bytes.substr(kRecordHead, length);
    if (fragment.empty()) break;
    if (message.empty()) {
      message = fragment;
    } else {
      if (joined.empty()) joined = message;
      joined += fragment;
      message = joined;
    }
    if (static_cast<std::uint8_t>(message[0]) != kClientHello) {
      return bad("the first TLS message is not a ClientHello");
    }
    if (message.size() >= kMessageHead) {
      Reader size(message.substr(1, 3));
      const std::size_t whole = kMessageHead + size.number(3);
      if (whole > kMaxClientHello) return bad("the ClientHello is too long");
      // Also where that has not come yet.
      if (message.size() + (length - fragment.size()) > whole) {
        return bad("the ClientHello is followed by something else");
      }
      if (message.size() == whole) return read_message(message.substr(kMessageHead));
    }
    if (fragment.size() < length) break;
    bytes.remove_prefix(kRecordHead + length);
  }
  if (given >= kMaxClientHello) return bad("the ClientHello is too long");
  return {};
}

}  // namespace weir::net
