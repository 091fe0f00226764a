#include "base/rate.h"

#include <fmt/format.h>

#include <charconv>

#include "base/units.h"

namespace weir {

Result<Rate> parse_rate(std::string_view text) {
  const auto bad = [&] {
    return fail(Code::invalid,
                fmt::format("'{}' is not a rate (write it like 10/s, 600/m or 5/100ms)", text));
  };
  Rate rate;
  const auto slash = text.find('/');
  if (slash == text.npos) return bad();
  const std::string_view count = text.substr(0, slash);
  const char* const end = count.data() + count.size();
  const auto read = std::from_chars(count.data(), end, rate.count);
  if (read.ec != std::errc() || read.ptr != end || rate.count == 0) return bad();
  std::string per(text.substr(slash + 1));
  if (!per.empty() && (per[0] < '0' || per[0] > '9')) per.insert(0, 1, '1');
  const auto duration = parse_duration(per);
  if (!duration || *duration <= Duration(0)) return bad();
  rate.per = *duration;
  return rate;
}

std::string to_string(const Rate& rate) {
  std::string per = to_string(rate.per);
  if (per.size() > 1 && per[0] == '1' && (per[1] < '0' || per[1] > '9') && per[1] != '.' &&
      per.find_first_of("0123456789", 1) == per.npos) {
    per.erase(0, 1);
  }
  return fmt::format("{}/{}", rate.count, per);
}

}  // namespace weir
