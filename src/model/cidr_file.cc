#include "model/cidr_file.h"

#include <algorithm>

#include "model/ip.h"

namespace weir {
namespace {

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r";
  const auto first = text.find_first_not_of(kSpace);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

}  // namespace

CidrLines read_cidr_lines(std::string_view text) {
  CidrLines lines;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::string_view block = trim(line.substr(0, line.find('#')));
    if (block.empty()) continue;
    if (parse_cidr(block)) {
      lines.blocks.emplace_back(block);
    } else {
      lines.bad.push_back(number);
    }
  }
  return lines;
}

}  // namespace weir
