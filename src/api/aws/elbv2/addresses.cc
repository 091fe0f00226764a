#include "api/aws/elbv2/addresses.h"

#include <set>

#include "api/aws/elbv2/book.h"
#include "model/ip.h"

namespace weir::amazon::elbv2 {
namespace {

bool advance(Ip& ip) {
  for (auto byte = ip.bytes.rbegin(); byte != ip.bytes.rend(); ++byte) {
    if (++*byte != 0) return true;
  }
  return false;
}

void note_addresses(const Books& books, std::set<std::string>& taken) {
  for (const auto& [arn, kept] : books.get<ElbBook>().load_balancers) {
    taken.insert(kept->value.DNSName.value_or(""));
  }
}

}  // namespace

std::optional<std::string> free_address(const World& world, const Books& books) {
  std::set<std::string> taken;
  note_addresses(books, taken);
  world.each_tenant([&](const Books& others) { note_addresses(others, taken); });
  for (const std::string& block : world.control().desired().aws.addresses) {
    const auto cidr = parse_cidr(block);
    if (!cidr) continue;
    Ip ip = cidr->base;
    // The first of a block names the block; a single address is itself.
    if (cidr->bits < 128 && !advance(ip)) continue;
    for (; cidr->contains(ip); advance(ip)) {
      const std::string text = to_string(ip);
      if (!taken.contains(text)) return text;
    }
  }
  return std::nullopt;
}

}  // namespace weir::amazon::elbv2
