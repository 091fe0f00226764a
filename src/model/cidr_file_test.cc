#include "model/cidr_file.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(CidrLines, AreBlocksWithoutCommentsAndSpace) {
  const CidrLines lines =
      read_cidr_lines("# ours\n10.0.0.0/8\r\n\n  2001:db8::/32 # lab\n192.0.2.7");

  EXPECT_EQ(lines.blocks, (std::vector<std::string>{"10.0.0.0/8", "2001:db8::/32", "192.0.2.7"}));
  EXPECT_TRUE(lines.bad.empty());
}

TEST(CidrLines, TellWhichLineIsNone) {
  const CidrLines lines = read_cidr_lines("10.0.0.0/8\n10.0.0.0/33\n\nexample.com\n");

  EXPECT_EQ(lines.bad, (std::vector<std::size_t>{2, 4}));
}

}  // namespace
}  // namespace weir
