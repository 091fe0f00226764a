// Character classes of HTTP/1 and the vector scan over them.
#pragma once

#include <emmintrin.h>

#include <array>
#include <cstdint>
#include <string_view>

namespace weir::http {

// RFC 9110 section 5.6.2: what names and methods are made of.
inline constexpr auto kTokenChar = [] {
  std::array<bool, 256> table{};
  for (int c = 0; c < 256; ++c) {
    table[c] = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }
  for (char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

// Visible ASCII: what a request target is made of (no space, no control, nothing above 0x7e).
inline constexpr auto kTargetChar = [] {
  std::array<bool, 256> table{};
  for (int c = 0x21; c < 0x7f; ++c) table[c] = true;
  for (char c : std::string_view("\"<>\\^`{|}#")) table[static_cast<unsigned char>(c)] = false;
  for (char c : std::string_view("\"<>^`{|}"))
    table[static_cast<unsigned char>(c)] = true;  // seen in the wild, one meaning
  return table;
}();

inline bool is_token(std::string_view text) {
  for (const char c : text) {
    if (!kTokenChar[static_cast<unsigned char>(c)]) return false;
  }
  return !text.empty();
}

// The first control byte other than TAB in [p, end), else end. Reads up to 16 bytes beyond end.
inline const char* find_control(const char* p, const char* end) {
  const __m128i limit = _mm_set1_epi8(0x1f);
  const __m128i tab = _mm_set1_epi8('\t');
  const __m128i del = _mm_set1_epi8(0x7f);
  for (; p < end; p += 16) {
    const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(x, limit), x);
    const __m128i hit =
        _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(x, tab), low), _mm_cmpeq_epi8(x, del));
    if (const int mask = _mm_movemask_epi8(hit)) {
      p += __builtin_ctz(static_cast<unsigned>(mask));
      return p < end ? p : end;
    }
  }
  return end;
}

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

// `text` in lower case equals `lower_case`, which has the same length.
inline bool same(std::string_view text, std::string_view lower_case) {
  if (text.size() != lower_case.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (lower(text[i]) != lower_case[i]) return false;
  }
  return true;
}

inline std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace weir::http
