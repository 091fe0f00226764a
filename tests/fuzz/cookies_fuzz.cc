// Cookie headers and the tickets in them: what is read lies within the header, in order and without
// a ';'; a ticket that reads is the one that its parts write; Set-Cookie names lie at its front.
// sources: src/model/cookies.cc src/model/ticket.cc src/base/siphash.cc src/base/check.cc
// libraries: fmt
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "model/cookies.h"
#include "model/ticket.h"

namespace {

using namespace weir;

constexpr SipKey kKey = {1, 2};
constexpr WallTime kNow(1'795'242'300s);

void check_header(std::string_view text) {
  std::string_view rest = text;
  const char* last = text.data();
  while (const auto cookie = next_cookie(rest)) {
    CHECK(!cookie->name.empty() && cookie->name.find_first_of("=;") == std::string_view::npos);
    CHECK(cookie->value.find(';') == std::string_view::npos);
    CHECK(cookie->name.data() >= last && rest.data() <= text.data() + text.size());
    last = cookie->name.data() + cookie->name.size();
    CHECK(rest.data() >= last);
    // Whoever writes what was read reads the same.
    std::string again = std::string(cookie->name) + "=" + std::string(cookie->value);
    std::string_view view = again;
    const auto second = next_cookie(view);
    CHECK(second && second->name == cookie->name && second->value == cookie->value);
    if (is_cookie_name(cookie->name)) {
      const std::string set = write_set_cookie(cookie->name, "v", 1s, CrossSite::yes);
      CHECK(set_cookie_name(set) == cookie->name);
    }
    // Without the key nobody makes a ticket; with 2^-64 this is wrong.
    CHECK(!read_ticket(kKey, "scope", cookie->value, kNow));
  }
  const std::string_view name = set_cookie_name(text);
  CHECK(name.empty() || text.find(name) < text.find('='));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  check_header(text);
  if (size >= 9) {
    // A genuine ticket, and with one letter changed.
    std::uint64_t name = 0;
    for (std::size_t i = 0; i < 8; ++i) name = name << 8 | data[i];
    const std::string scope = text.substr(9);
    std::string ticket = write_ticket(kKey, scope, name, kNow + 60s);
    CHECK(read_ticket(kKey, scope, ticket, kNow) == name);
    const char before = ticket[data[8] % ticket.size()];
    const char after = static_cast<char>(data[8] ^ 0x15);
    ticket[data[8] % ticket.size()] = after;
    CHECK(read_ticket(kKey, scope, ticket, kNow).has_value() == (before == after));
  }
  return 0;
}
