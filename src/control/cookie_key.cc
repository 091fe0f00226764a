#include "control/cookie_key.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "base/random.h"

namespace weir::control {
namespace {

constexpr const char* kSecretKind = "secret";
constexpr const char* kName = "cookie_key";

// JSON: "0011223344556677 8899aabbccddeeff", quotes included.
std::string text_of(const SipKey& key) {
  return fmt::format("\"{:016x} {:016x}\"", key[0], key[1]);
}

std::optional<SipKey> key_of(const std::string& text) {
  SipKey key{};
  if (text.size() != 35) return std::nullopt;
  for (std::size_t i = 0; i < 2; ++i) {
    const char* const from = text.data() + 1 + 17 * i;
    const auto [end, error] = std::from_chars(from, from + 16, key[i], 16);
    if (error != std::errc() || end != from + 16) return std::nullopt;
  }
  return key;
}

}  // namespace

Task<Result<SipKey>> load_cookie_key(Records& records) {
  CO_TRY(const auto rows, records.load_resources(kSecretKind));
  for (const state::Resource& row : rows) {
    if (row.key.name != kName) continue;
    if (const auto key = key_of(row.body)) co_return *key;
  }
  const SipKey key = {system_seed(), system_seed()};
  state::Change change;
  state::Resource resource;
  resource.key.kind = kSecretKind;
  resource.key.name = kName;
  resource.body = text_of(key);
  resource.origin = "weir";
  change.put.push_back(std::move(resource));
  const Result<> done = co_await records.commit(std::move(change));
  if (!done) co_return tl::unexpected(done.error());
  co_return key;
}

}  // namespace weir::control
