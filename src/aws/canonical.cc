#include "aws/canonical.h"

#include <algorithm>
#include <utility>

#include "aws/text.h"

namespace weir::aws {
namespace {

bool unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

std::string uri_encode(std::string_view text, bool slash) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    if (unreserved(c) || (slash && c == '/')) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kDigits[byte >> 4];
    encoded += kDigits[byte & 15];
  }
  return encoded;
}

std::string canonical_path(std::string_view path) {
  std::vector<std::string_view> kept;
  const bool folder = path.ends_with('/');
  while (!path.empty()) {
    const auto slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    if (segment.empty() || segment == ".") continue;
    if (segment != "..") {
      kept.push_back(segment);
    } else if (!kept.empty()) {
      kept.pop_back();
    }
  }
  std::string whole;
  for (const std::string_view segment : kept) whole.append("/").append(segment);
  if (whole.empty() || folder) whole += '/';
  return uri_encode(whole, true);
}

std::string canonical_query(std::string_view query, bool presigned) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!query.empty()) {
    const auto end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    const auto value = equals == std::string_view::npos ? "" : pair.substr(equals + 1);
    std::string key = percent_decode(pair.substr(0, equals), true);
    if (presigned && key == "X-Amz-Signature") continue;
    pairs.emplace_back(uri_encode(key), uri_encode(percent_decode(value, true)));
  }
  std::sort(pairs.begin(), pairs.end());
  std::string text;
  for (const auto& [key, value] : pairs) {
    if (!text.empty()) text += '&';
    text.append(key).append("=").append(value);
  }
  return text;
}

std::string canonical_value(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (!is_blank(c)) {
      text += c;
    } else if (!text.empty() && text.back() != ' ') {
      text += ' ';
    }
  }
  if (text.ends_with(' ')) text.pop_back();
  return text;
}

std::vector<std::string_view> header_values(const WireRequest& request, std::string_view name) {
  std::vector<std::string_view> values;
  for (const Header& header : request.headers) {
    if (header.name == name) values.push_back(header.value);
  }
  return values;
}

std::string canonical_request(const WireRequest& request,
                              const std::vector<std::string>& signed_headers,
                              std::string_view payload_hash, bool presigned) {
  std::string text = request.method + "\n" + canonical_path(request.path) + "\n" +
                     canonical_query(request.query, presigned) + "\n";
  std::string names;
  for (const std::string& name : signed_headers) {
    text.append(name).append(":");
    std::string_view comma;
    for (const std::string_view value : header_values(request, name)) {
      text.append(comma).append(canonical_value(value));
      comma = ",";
    }
    text += '\n';
    names.append(names.empty() ? "" : ";").append(name);
  }
  return text + "\n" + names + "\n" + std::string(payload_hash);
}

}  // namespace weir::aws
