#include "model/cidr_file.h"

#include <algorithm>

#include "base/text.h"
#include "model/ip.h"

namespace weir {

CidrLines read_cidr_lines(std::string_view text) {
  CidrLines lines;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::string_view block = trim(line.substr(0, line.find('#')), " \t\r");
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
