// CidrLines: a file of CIDR blocks, one a line. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

struct CidrLines {
  std::vector<std::string> blocks;
  std::vector<std::size_t> bad;  // numbers of lines that hold none, from 1
};

// Empty lines and what follows a # are left out; so is white space.
CidrLines read_cidr_lines(std::string_view text);

}  // namespace weir
