#include "aws/sigv4.h"

#include <fmt/format.h>

#include <charconv>

#include "aws/canonical.h"
#include "aws/digest.h"
#include "aws/text.h"

namespace weir::aws {
namespace {

using Why = SignatureFault::Kind;

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kEnd = "aws4_request";

tl::unexpected<SignatureFault> refused(Why kind, std::string message) {
  return tl::unexpected<SignatureFault>(SignatureFault{kind, std::move(message)});
}

bool digits(std::string_view text) {
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

int number(std::string_view text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// 20150830T123600Z
std::optional<WallTime> parse_timestamp(std::string_view text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z' || !digits(text.substr(0, 8)) ||
      !digits(text.substr(9, 6))) {
    return std::nullopt;
  }
  namespace chrono = std::chrono;
  const chrono::year_month_day day{chrono::year(number(text.substr(0, 4))),
                                   chrono::month(static_cast<unsigned>(number(text.substr(4, 2)))),
                                   chrono::day(static_cast<unsigned>(number(text.substr(6, 2))))};
  const int hour = number(text.substr(9, 2));
  const int minute = number(text.substr(11, 2));
  const int second = number(text.substr(13, 2));
  const bool good = day.ok() && day.year() >= chrono::year(1970) &&
                    day.year() <= chrono::year(2200) && hour < 24 && minute < 60 && second < 60;
  if (!good) return std::nullopt;
  return chrono::sys_days(day) + chrono::hours(hour) + chrono::minutes(minute) +
         chrono::seconds(second);
}

std::string timestamp_of(WallTime at) {
  namespace chrono = std::chrono;
  const auto day = chrono::floor<chrono::days>(at);
  const chrono::year_month_day date(day);
  const chrono::hh_mm_ss time(chrono::floor<chrono::seconds>(at - day));
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// A word that may stand in an ARN. Any will do: regions are names here.
bool is_region(std::string_view text) {
  return text.size() <= 64 &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

// KEY/20150830/us-east-1/service/aws4_request
bool read_credential(std::string_view text, Signature& into) {
  std::string* const parts[] = {&into.service, &into.region, &into.date};
  const auto last = text.rfind('/');
  if (last == std::string_view::npos || text.substr(last + 1) != kEnd) return false;
  text = text.substr(0, last);
  for (std::string* part : parts) {
    const auto slash = text.rfind('/');
    if (slash == std::string_view::npos) return false;
    *part = text.substr(slash + 1);
    if (part->empty()) return false;
    text = text.substr(0, slash);
  }
  into.access_key_id = text;
  return !text.empty() && into.date.size() == 8 && digits(into.date);
}

std::vector<std::string> read_names(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const auto end = text.find(';');
    std::string name(trimmed(text.substr(0, end)));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    for (char& c : name) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    if (!name.empty()) names.push_back(std::move(name));
  }
  return names;
}

bool has(const std::vector<std::string>& names, std::string_view name) {
  for (const std::string& each : names) {
    if (each == name) return true;
  }
  return false;
}

// What both forms need beside each other.
tl::expected<Signature, SignatureFault> complete(Signature signature) {
  const auto at = parse_timestamp(signature.timestamp);
  if (!at) {
    return refused(Why::incomplete,
                   fmt::format("Date must be in ISO-8601 'basic format'. Got '{}'. See "
                               "http://en.wikipedia.org/wiki/ISO_8601",
                               signature.timestamp));
  }
  signature.at = *at;
  if (!is_region(signature.region)) {
    return refused(Why::mismatch,
                   fmt::format("Credential should be scoped to a valid region, not '{}'.",
                               signature.region.substr(0, 64)));
  }
  if (signature.timestamp.substr(0, 8) != signature.date) {
    return refused(
        Why::mismatch,
        fmt::format("Date in Credential scope does not match YYYYMMDD from ISO-8601 "
                    "version of date from HTTP: '{}' != '{}', from '{}'.",
                    signature.date, signature.timestamp.substr(0, 8), signature.timestamp));
  }
  if (!has(signature.signed_headers, "host")) {
    return refused(Why::mismatch,
                   "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  }
  if (!signature.presigned && !has(signature.signed_headers, "x-amz-date")) {
    return refused(Why::mismatch,
                   "'X-Amz-Date' must be a 'SignedHeader' in the AWS Authorization.");
  }
  return signature;
}

tl::unexpected<SignatureFault> unsupported(std::string_view algorithm) {
  return refused(
      Why::incomplete,
      fmt::format("Unsupported AWS 'algorithm': '{}' (only {} for now).", algorithm, kAlgorithm));
}

tl::expected<Signature, SignatureFault> from_header(const WireRequest& request,
                                                    std::string_view text) {
  const auto blank = text.find(' ');
  if (text.substr(0, blank) != kAlgorithm) return unsupported(text.substr(0, blank));
  text.remove_prefix(blank == std::string_view::npos ? text.size() : blank);
  Signature signature;
  std::optional<std::string_view> credential;
  std::optional<std::string_view> names;
  while (!text.empty()) {
    const auto end = text.find(',');
    const std::string_view part = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const auto equals = part.find('=');
    const std::string_view key = part.substr(0, equals);
    const std::string_view value = equals == std::string_view::npos ? "" : part.substr(equals + 1);
    if (key == "Credential") credential = value;
    if (key == "SignedHeaders") names = value;
    if (key == "Signature") signature.hex = value;
  }
  const auto dates = header_values(request, "x-amz-date");
  std::string missing;
  const auto require = [&](bool there, std::string_view what) {
    if (!there) missing += fmt::format("Authorization header requires {}. ", what);
  };
  require(credential.has_value(), "'Credential' parameter");
  require(!signature.hex.empty(), "'Signature' parameter");
  require(names.has_value(), "'SignedHeaders' parameter");
  require(dates.size() == 1, "existence of one 'X-Amz-Date' header");
  if (!missing.empty()) {
    return refused(Why::incomplete, missing + "Authorization=" + std::string(kAlgorithm));
  }
  if (!read_credential(*credential, signature)) {
    return refused(Why::incomplete,
                   fmt::format("Credential must have exactly 5 slash-delimited elements, e.g. "
                               "keyid/date/region/service/term, got '{}'",
                               *credential));
  }
  signature.signed_headers = read_names(*names);
  signature.timestamp = dates.front();
  const auto tokens = header_values(request, "x-amz-security-token");
  if (!tokens.empty()) signature.session_token = tokens.front();
  return complete(std::move(signature));
}

std::optional<std::string> parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    const auto equals = pair.find('=');
    if (percent_decode(pair.substr(0, equals), true) != name) continue;
    return equals == std::string_view::npos ? std::string()
                                            : percent_decode(pair.substr(equals + 1), true);
  }
  return std::nullopt;
}

tl::expected<Signature, SignatureFault> from_query(const WireRequest& request,
                                                   const std::string& algorithm) {
  if (algorithm != kAlgorithm) return unsupported(algorithm);
  Signature signature;
  signature.presigned = true;
  std::string missing;
  const auto require = [&](const char* name) {
    auto value = parameter(request.query, name);
    if (!value || value->empty()) {
      missing += fmt::format("AWS query-string parameters must include '{}'. ", name);
      return std::string();
    }
    return *std::move(value);
  };
  const std::string credential = require("X-Amz-Credential");
  signature.hex = require("X-Amz-Signature");
  signature.signed_headers = read_names(require("X-Amz-SignedHeaders"));
  signature.timestamp = require("X-Amz-Date");
  if (!missing.empty()) {
    return refused(Why::incomplete, missing + "Re-examine the query-string parameters.");
  }
  if (!read_credential(credential, signature)) {
    return refused(Why::incomplete,
                   fmt::format("Credential must have exactly 5 slash-delimited elements, e.g. "
                               "keyid/date/region/service/term, got '{}'",
                               credential));
  }
  if (const auto expires = parameter(request.query, "X-Amz-Expires")) {
    const bool good = !expires->empty() && expires->size() <= 6 && digits(*expires);
    signature.lifetime = std::chrono::seconds(good ? number(*expires) : 0);
    if (!good || signature.lifetime < 1s || signature.lifetime > kLongestPresigned) {
      return refused(
          Why::incomplete,
          fmt::format("X-Amz-Expires must be from 1 to 604800 seconds, got '{}'", *expires));
    }
  }
  signature.session_token = parameter(request.query, "X-Amz-Security-Token");
  return complete(std::move(signature));
}

// The last line of what is signed.
tl::expected<std::string, SignatureFault> payload_hash(const WireRequest& request) {
  const auto given = header_values(request, "x-amz-content-sha256");
  if (given.empty()) return sha256_hex(request.body);
  if (given.front() == "UNSIGNED-PAYLOAD") return std::string(given.front());
  if (given.front().starts_with("STREAMING-")) {
    return refused(Why::incomplete,
                   fmt::format("x-amz-content-sha256 '{}': bodies signed chunk by chunk are of "
                               "Amazon S3 and not taken here; sign the whole body",
                               given.front()));
  }
  if (given.size() > 1 || given.front() != sha256_hex(request.body)) {
    return refused(Why::mismatch,
                   "The provided 'x-amz-content-sha256' header does not match what was computed.");
  }
  return std::string(given.front());
}

std::optional<SignatureFault> check_time(const Signature& signature, WallTime now) {
  if (signature.at > now + kMostSkew) {
    return SignatureFault{
        Why::mismatch,
        fmt::format("Signature not yet current: {} is still later than {} ({} + 15 min.)",
                    signature.timestamp, timestamp_of(now + kMostSkew), timestamp_of(now))};
  }
  if (signature.at + signature.lifetime >= now) return std::nullopt;
  if (signature.presigned) return SignatureFault{Why::expired, "Request has expired."};
  return SignatureFault{
      Why::mismatch,
      fmt::format("Signature expired: {} is now earlier than {} ({} - 15 min.)",
                  signature.timestamp, timestamp_of(now - kMostSkew), timestamp_of(now))};
}

}  // namespace

tl::expected<Signature, SignatureFault> read_signature(const WireRequest& request) {
  const auto given = header_values(request, "authorization");
  if (given.size() > 1) {
    return refused(Why::incomplete, "There is more than one Authorization header.");
  }
  if (!given.empty()) return from_header(request, given.front());
  if (const auto algorithm = parameter(request.query, "X-Amz-Algorithm")) {
    return from_query(request, *algorithm);
  }
  return refused(Why::missing, "Request is missing Authentication Token");
}

std::string string_to_sign(const WireRequest& request, const Signature& signature,
                           std::string_view payload) {
  const std::string canonical =
      canonical_request(request, signature.signed_headers, payload, signature.presigned);
  return fmt::format("{}\n{}\n{}/{}/{}/{}\n{}", kAlgorithm, signature.timestamp, signature.date,
                     signature.region, signature.service, kEnd, sha256_hex(canonical));
}

std::string sign(const Signature& signature, std::string_view secret, std::string_view text) {
  std::string key = hmac_sha256("AWS4" + std::string(secret), signature.date);
  key = hmac_sha256(key, signature.region);
  key = hmac_sha256(key, signature.service);
  key = hmac_sha256(key, kEnd);
  return hex(hmac_sha256(key, text));
}

std::optional<SignatureFault> check_signature(const WireRequest& request,
                                              const Signature& signature, const SigningKey& key,
                                              WallTime now) {
  if (!same_bytes(signature.session_token.value_or(""), key.session_token)) {
    return SignatureFault{Why::unknown_key,
                          "The security token included in the request is invalid."};
  }
  if (auto late = check_time(signature, now)) return late;
  const auto payload = payload_hash(request);
  if (!payload) return payload.error();
  const std::string expected =
      sign(signature, key.secret, string_to_sign(request, signature, *payload));
  if (same_bytes(signature.hex, expected)) return std::nullopt;
  return SignatureFault{
      Why::mismatch,
      "The request signature we calculated does not match the signature you provided. Check your "
      "AWS Secret Access Key and signing method. Consult the service documentation for details."};
}

}  // namespace weir::aws
