#include "base/log_format.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/units.h"

namespace weir {
namespace {

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warn:
      return "warn";
    case LogLevel::error:
      return "error";
  }
  return "info";
}

// The length of the UTF-8 sequence at the front of `text`, 0 where there is none (RFC 3629).
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  std::size_t length = 0;
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) length = 2;
  if (first >= 0xe0 && first <= 0xef) length = 3;
  if (first >= 0xf0 && first <= 0xf4) length = 4;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const unsigned char second = byte(1);
  const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool surrogate = first == 0xed && second > 0x9f;
  const bool above = first == 0xf4 && second > 0x8f;
  return overlong || surrogate || above ? 0 : length;
}

bool plain(std::string_view value) {
  return !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
    return c > ' ' && c != '"' && c != '=' && c != '\\' && c != 0x7f;
  });
}

std::string json_line(LogLevel level, WallTime time, std::string_view folder,
                      std::string_view sentence, std::span<const LogField> fields) {
  std::string out = fmt::format("{{\"time\":\"{}\",\"level\":\"{}\",\"folder\":", to_string(time),
                                name_of(level));
  append_json_string(out, folder);
  out += ",\"message\":";
  append_json_string(out, sentence);
  for (const LogField& field : fields) {
    out += ',';
    append_json_string(out, field.key);
    out += ':';
    if (field.bare) {
      out += field.value;
    } else {
      append_json_string(out, field.value);
    }
  }
  return out += "}\n";
}

std::string text_line(LogLevel level, WallTime time, std::string_view folder,
                      std::string_view sentence, std::span<const LogField> fields) {
  std::string out =
      fmt::format("{} {:<5} {}: {}", to_string(time), name_of(level), folder, sentence);
  for (const LogField& field : fields) {
    out += ' ';
    out += field.key;
    out += '=';
    if (field.bare || plain(field.value)) {
      out += field.value;
    } else {
      append_json_string(out, field.value);
    }
  }
  return out += '\n';
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    const char c = text.front();
    if (length == 0) {
      out += "\xef\xbf\xbd";
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  out += '"';
}

std::string format_log_line(LogLevel level, bool json, WallTime time, std::string_view folder,
                            std::string_view sentence, std::span<const LogField> fields) {
  return json ? json_line(level, time, folder, sentence, fields)
              : text_line(level, time, folder, sentence, fields);
}

}  // namespace weir
