#include "bench/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace weir::bench {
namespace {

constexpr std::string_view kEventBefore = R"(data: {"id":"cmpl-1","object":"chunk","sent":")";
constexpr std::string_view kEventAfter = R"(","delta":{"content":" token"}})"
                                         "\n\n";
constexpr std::size_t kStampDigits = 19;  // nanoseconds of a 64-bit clock

// A JSON text of exactly `size` bytes.
std::string completion(std::size_t size) {
  constexpr std::string_view before = R"({"id":"cmpl-1","object":"text_completion","text":")";
  constexpr std::string_view after = R"("})";
  std::string text(before);
  // Not one letter over and over: a piece that is lost or repeated must show.
  for (std::size_t i = 0; text.size() + after.size() < size; ++i) {
    text += static_cast<char>('a' + (i * i + i / 26) % 26);
  }
  text += after;
  return text;
}

}  // namespace

std::string_view body_of(std::string_view path) {
  static const std::string small = completion(200);
  static const std::string large = completion(64 * 1024);
  if (path == "/") return small;
  if (path == "/64k") return large;
  return {};
}

std::string_view posted_body() {
  static const std::string body = completion(1024);
  return body;
}

std::string request_for(std::string_view path, bool post) {
  std::string request = fmt::format(
      "{} {} HTTP/1.1\r\n"
      "Host: models.test\r\n"
      "User-Agent: bench/1.0\r\n"
      "Accept: */*\r\n"
      "Accept-Encoding: gzip, deflate\r\n"
      "Authorization: Bearer sk-0123456789abcdef0123456789abcdef\r\n",
      post ? "POST" : "GET", path);
  if (post) {
    request += fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                           posted_body().size(), posted_body());
  } else {
    request += "\r\n";
  }
  return request;
}

EventText::EventText() {
  text_ = fmt::format("{}{:0{}}{}", kEventBefore, 0, kStampDigits, kEventAfter);
}

void EventText::stamp(Time sent) {
  const std::string digits = fmt::format("{:0{}}", sent.time_since_epoch().count(), kStampDigits);
  std::copy(digits.begin(), digits.end(), text_.begin() + kEventBefore.size());
}

std::size_t EventText::size() { return kEventBefore.size() + kStampDigits + kEventAfter.size(); }

std::optional<Time> sent_time(std::string_view event) {
  if (event.size() != EventText::size() || !event.starts_with(kEventBefore) ||
      !event.ends_with(kEventAfter)) {
    return std::nullopt;
  }
  const char* digits = event.data() + kEventBefore.size();
  std::int64_t ns = 0;
  const auto [end, error] = std::from_chars(digits, digits + kStampDigits, ns);
  if (error != std::errc() || end != digits + kStampDigits) return std::nullopt;
  return Time(Duration(ns));
}

}  // namespace weir::bench
