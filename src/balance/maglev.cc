// Maglev hashing (Eisenbud et al., NSDI 2016, section 3.4): a table of prime size that endpoints
// fill in turns, each in the order of its own permutation, weights as Envoy does them. One look
// finds the endpoint; shares are even within a hundredth where the table is 100 times the group.
#include <algorithm>

#include "balance/draft.h"
#include "balance/hash_key.h"
#include "balance/rendezvous.h"

namespace weir::balance {
namespace {

constexpr std::uint32_t kLargestTable = 5'000'011;  // as Envoy
// Entries looked at, each by the key hashed once more, before rendezvous answers.
constexpr std::uint64_t kLooks = 8;

bool is_prime(std::uint64_t n) {
  if (n < 2) return false;
  for (std::uint64_t d = 2; d * d <= n; ++d) {
    if (n % d == 0) return false;
  }
  return true;
}

struct Table {
  std::vector<EndpointIndex> entries;
  std::vector<std::uint64_t> names;  // by EndpointIndex
};

// One endpoint's turn-taking while the table fills.
struct Filler {
  EndpointIndex index;
  std::uint32_t weight;
  std::uint64_t at;       // next entry of its permutation
  std::uint64_t skip;     // to the one after
  std::uint64_t due = 0;  // weight that it must have gained before its next turn
};

std::vector<Filler> fillers(const Draft& draft, std::uint64_t size) {
  std::vector<Filler> all;
  for (EndpointIndex i = 0; i < draft.endpoints.size(); ++i) {
    const Endpoint& e = *draft.endpoints[i];
    if (e.weight == 0) continue;
    all.push_back({i, e.weight, hash(e.address, 1) % size, hash(e.address, 2) % (size - 1) + 1});
  }
  // Turns by address, so that a list in another order makes the same table.
  std::sort(all.begin(), all.end(), [&](const Filler& a, const Filler& b) {
    return draft.endpoints[a.index]->address < draft.endpoints[b.index]->address;
  });
  return all;
}

std::vector<EndpointIndex> fill(std::vector<Filler> turns, std::uint64_t size) {
  if (turns.empty()) return {};
  constexpr auto kFree = ~EndpointIndex{0};
  std::vector<EndpointIndex> entries(size, kFree);
  std::uint64_t heaviest = 0;
  for (const Filler& f : turns) heaviest = std::max<std::uint64_t>(heaviest, f.weight);

  std::uint64_t filled = 0;
  for (std::uint64_t round = 1;; ++round) {
    for (Filler& f : turns) {
      if (round * f.weight < f.due) continue;
      f.due += heaviest;
      while (entries[f.at] != kFree) f.at = (f.at + f.skip) % size;
      entries[f.at] = f.index;
      if (++filled == size) return entries;
    }
  }
}

class Maglev final : public Balancer {
 public:
  explicit Maglev(std::shared_ptr<const Table> table) : table_(std::move(table)) {}

 private:
  std::optional<EndpointIndex> choose(const Ask& ask, const GroupView& group) override {
    const auto& entries = table_->entries;
    if (entries.empty()) return std::nullopt;
    std::uint64_t key = ask.key;
    for (std::uint64_t look = 1; look <= kLooks; ++look) {
      const EndpointIndex i = entries[key % entries.size()];
      if (i < group.size() && group.eligible(i)) return i;
      key = hash_mix(ask.key, look);  // spreads a lost endpoint's keys over all others
    }
    return rendezvous(group, ask.key, table_->names,
                      [&](EndpointIndex i) { return group.eligible(i); });
  }

  std::shared_ptr<const Table> table_;
};

class MaglevPlan final : public Plan {
 public:
  MaglevPlan(HashKey key, Table table)
      : key_(std::move(key)), table_(std::make_shared<const Table>(std::move(table))) {}
  std::unique_ptr<Balancer> balancer(Random&) const override {
    return std::make_unique<Maglev>(table_);
  }
  std::uint64_t key(const RequestView& request) const override { return key_.of(request); }

 private:
  HashKey key_;
  std::shared_ptr<const Table> table_;
};

}  // namespace

PlanResult maglev(const Draft& draft) {
  TRY(HashKey key, HashKey::parse(draft.options.key));
  if (draft.options.table > kLargestTable || !is_prime(draft.options.table)) {
    return fail(Code::invalid, "table must be a prime up to 5000011");
  }
  // A fleet may outgrow its table; each endpoint must have a place in it.
  std::uint64_t size = std::max<std::uint64_t>(draft.options.table, 2 * draft.endpoints.size() + 1);
  while (!is_prime(size)) ++size;
  return std::make_shared<MaglevPlan>(
      std::move(key), Table{fill(fillers(draft, size), size), address_hashes(draft.endpoints)});
}

}  // namespace weir::balance
