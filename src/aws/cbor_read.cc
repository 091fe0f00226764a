#include <bit>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "aws/cbor.h"
#include "aws/reading.h"

namespace weir::aws {
namespace {

using nlohmann::json;

enum Major : unsigned { positive, negative, bytes, text, array, map, tag, simple };

constexpr unsigned kIndefinite = 31;
constexpr unsigned char kBreak = 0xff;

double half(std::uint64_t bits) {
  const auto exponent = static_cast<int>(bits >> 10 & 31);
  const auto mantissa = static_cast<double>(bits & 1023);
  double number = 0;
  if (exponent == 0) {
    number = std::ldexp(mantissa, -24);
  } else if (exponent == 31) {
    number = mantissa == 0 ? std::numeric_limits<double>::infinity()
                           : std::numeric_limits<double>::quiet_NaN();
  } else {
    number = std::ldexp(mantissa + 1024, exponent - 25);
  }
  return bits & 0x8000 ? -number : number;
}

class CborReader {
 public:
  explicit CborReader(std::string_view rest) : rest_(rest) {}

  Result<json> read() {
    json item = next(0);
    if (wrong_.empty() && !rest_.empty()) wrong_ = "bytes behind the item";
    if (!wrong_.empty()) return fail(Code::invalid, wrong_);
    return item;
  }

 private:
  struct Head {
    unsigned major = simple;
    unsigned info = 0;
    std::uint64_t argument = 0;
  };

  json stop(const char* why) {
    if (wrong_.empty()) wrong_ = why;
    rest_ = {};
    return nullptr;
  }

  std::optional<Head> head() {
    if (rest_.empty()) {
      stop("the item ends early");
      return std::nullopt;
    }
    const unsigned first = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    Head head{.major = first >> 5u, .info = first & 31u, .argument = first & 31u};
    if (head.info >= 24 && head.info <= 27) {
      const std::size_t size = std::size_t{1} << (head.info - 24);
      if (rest_.size() < size) {
        stop("the item ends early");
        return std::nullopt;
      }
      head.argument = 0;
      for (std::size_t i = 0; i < size; ++i) {
        head.argument = head.argument << 8 | static_cast<unsigned char>(rest_[i]);
      }
      rest_.remove_prefix(size);
    } else if (head.info > 27 && head.info < kIndefinite) {
      stop("a reserved length");
      return std::nullopt;
    }
    return head;
  }

  bool at_break() {
    if (rest_.empty()) {
      stop("the item ends early");
      return true;
    }
    if (static_cast<unsigned char>(rest_.front()) != kBreak) return false;
    rest_.remove_prefix(1);
    return true;
  }

  json next(int depth) {
    if (depth > kDeepest) return stop("too many levels");
    if (++values_ > kMostValues) return stop("too many values");
    auto at = head();
    // Tags are read over, however many there are.
    while (at && at->major == tag) at = head();
    if (!at) return nullptr;
    switch (at->major) {
      case positive:
        return at->argument;
      case negative:
        if (at->argument > INT64_MAX) return stop("a number of more than 64 bits");
        return -1 - static_cast<std::int64_t>(at->argument);
      case bytes: {
        const std::string held = string(*at);
        return json::binary({held.begin(), held.end()});
      }
      case text:
        return string(*at);
      case array:
        return read_array(*at, depth);
      case map:
        return read_map(*at, depth);
      default:
        return read_simple(*at);
    }
  }

  std::string string(const Head& at) {
    if (at.info != kIndefinite) return chunk(at.argument);
    std::string whole;
    while (wrong_.empty() && !at_break()) {
      const auto piece = head();
      if (!piece) break;
      if (piece->major != at.major || piece->info == kIndefinite) {
        stop("a piece of a string that is none");
        break;
      }
      whole += chunk(piece->argument);
    }
    return whole;
  }

  std::string chunk(std::uint64_t size) {
    if (size > rest_.size()) {
      stop("a string ends early");
      return {};
    }
    std::string piece(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return piece;
  }

  json read_array(const Head& at, int depth) {
    json items = json::array();
    if (at.info == kIndefinite) {
      while (wrong_.empty() && !at_break()) items.push_back(next(depth + 1));
      return items;
    }
    for (std::uint64_t i = 0; i < at.argument && wrong_.empty(); ++i) {
      items.push_back(next(depth + 1));
    }
    return items;
  }

  void read_entry(json& object, int depth) {
    const json key = next(depth + 1);
    if (!wrong_.empty()) return;
    if (!key.is_string()) {
      stop("a key that is no text");
      return;
    }
    object[key.get_ref<const std::string&>()] = next(depth + 1);
  }

  json read_map(const Head& at, int depth) {
    json object = json::object();
    if (at.info == kIndefinite) {
      while (wrong_.empty() && !at_break()) read_entry(object, depth);
      return object;
    }
    for (std::uint64_t i = 0; i < at.argument && wrong_.empty(); ++i) read_entry(object, depth);
    return object;
  }

  json read_simple(const Head& at) {
    switch (at.info) {
      case 20:
        return false;
      case 21:
        return true;
      case 22:
      case 23:
        return nullptr;
      case 25:
        return half(at.argument);
      case 26:
        return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(at.argument)));
      case 27:
        return std::bit_cast<double>(at.argument);
      default:
        return stop("a simple value that is not known");
    }
  }

  std::string_view rest_;
  std::size_t values_ = 0;
  std::string wrong_;
};

}  // namespace

Result<json> parse_cbor(std::string_view input) { return CborReader(input).read(); }

}  // namespace weir::aws
