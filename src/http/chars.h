// Character classes of HTTP/1 and the vector scan over them.
#pragma once

#include <emmintrin.h>

#include <array>
#include <cstdint>
#include <cstring>
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

// The first byte in [p, end) that is no letter, no digit and none of `a`, `b`, `c`; else end. Reads
// up to 16 bytes beyond end.
inline const char* skip_common(const char* p, const char* end, char a, char b, char c) {
  for (; p < end; p += 16) {
    const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i letter = _mm_or_si128(x, _mm_set1_epi8(0x20));
    const auto within = [](__m128i value, char first, char last) {
      return _mm_and_si128(_mm_cmpgt_epi8(value, _mm_set1_epi8(static_cast<char>(first - 1))),
                           _mm_cmplt_epi8(value, _mm_set1_epi8(static_cast<char>(last + 1))));
    };
    __m128i good = _mm_or_si128(within(letter, 'a', 'z'), within(x, '0', '9'));
    good = _mm_or_si128(good, _mm_cmpeq_epi8(x, _mm_set1_epi8(a)));
    good = _mm_or_si128(good, _mm_cmpeq_epi8(x, _mm_set1_epi8(b)));
    good = _mm_or_si128(good, _mm_cmpeq_epi8(x, _mm_set1_epi8(c)));
    if (const int bad = ~_mm_movemask_epi8(good) & 0xffff) {
      p += __builtin_ctz(static_cast<unsigned>(bad));
      return p < end ? p : end;
    }
  }
  return end;
}

// The end of the token that starts at p. Reads up to 16 bytes beyond end.
inline const char* token_end(const char* p, const char* end) {
  p = skip_common(p, end, '-', '_', '.');
  while (p < end && kTokenChar[static_cast<unsigned char>(*p)]) ++p;
  return p;
}

// Reads up to 16 bytes behind it.
inline bool is_target(std::string_view text) {
  const char* const end = text.data() + text.size();
  const char* p = skip_common(text.data(), end, '/', '-', '.');
  while (p < end && kTargetChar[static_cast<unsigned char>(*p)]) ++p;
  return p == end;
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

// Likewise, for a `text` of token characters and a `lower_case` of letters and hyphens, of at most
// 32 bytes: there lower case is a bit.
template <std::size_t N>
inline bool same_name(std::string_view text, const char (&lower_case)[N]) {
  constexpr std::size_t kSize = N - 1;
  static_assert(kSize >= 2 && kSize <= 32);
  if (text.size() != kSize) return false;
  const auto equal = [&]<class Word>(Word, std::size_t at) {
    constexpr auto kBits = static_cast<Word>(0x2020202020202020u);
    Word a, b;
    std::memcpy(&a, text.data() + at, sizeof a);
    std::memcpy(&b, lower_case + at, sizeof b);
    return static_cast<Word>(a | kBits) == b;
  };
  if constexpr (kSize >= 8) {
    for (std::size_t at = 0; at + 8 <= kSize; at += 8) {
      if (!equal(std::uint64_t{}, at)) return false;
    }
    return equal(std::uint64_t{}, kSize - 8);
  } else if constexpr (kSize >= 4) {
    return equal(std::uint32_t{}, 0) && equal(std::uint32_t{}, kSize - 4);
  } else {
    return equal(std::uint16_t{}, 0) && equal(std::uint16_t{}, kSize - 2);
  }
}

inline std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace weir::http
