#include "api/aws/world/arn.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>

#include "api/aws/context.h"
#include "base/random.h"

namespace weir::amazon {
namespace {

constexpr std::size_t kLongestName = 63;

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

// The next part, up to ':'.
std::string_view part(std::string_view& text) {
  const std::string_view one = text.substr(0, text.find(':'));
  text.remove_prefix(std::min(one.size() + 1, text.size()));
  return one;
}

}  // namespace

std::string to_string(const Arn& arn) {
  return fmt::format("arn:aws:{}:{}:{}:{}", arn.service, arn.region, arn.account, arn.resource);
}

std::optional<Arn> parse_arn(std::string_view text) {
  if (part(text) != "arn" || part(text).empty()) return std::nullopt;
  Arn arn;
  arn.service = part(text);
  arn.region = part(text);
  arn.account = part(text);
  arn.resource = text;
  if (arn.service.empty() || arn.resource.empty()) return std::nullopt;
  return arn;
}

std::string make_arn(std::string_view service, const Tenant& tenant, std::string resource) {
  return to_string(Arn{std::string(service), tenant.region, tenant.account, std::move(resource)});
}

std::string draw_hex(std::size_t digits) {
  static Random random(system_seed());
  std::string text;
  while (text.size() < digits) text += fmt::format("{:016x}", random());
  text.resize(digits);
  return text;
}

std::string hex_of(std::string_view text, std::size_t digits) {
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64).substr(0, digits);
}

std::string weir_name(std::string_view name, std::string_view region_if_not_home) {
  std::string plain(name);
  std::ranges::replace_if(plain, [](char c) { return !is_plain(c); }, '-');
  if (!region_if_not_home.empty()) plain += fmt::format("--{}", region_if_not_home);
  const bool changed = plain.substr(0, name.size()) != name;
  if (changed || plain.size() > kLongestName) {
    plain = plain.substr(0, kLongestName - 9) + "-" +
            hex_of(fmt::format("{}/{}", region_if_not_home, name), 8);
  }
  return plain;
}

}  // namespace weir::amazon
