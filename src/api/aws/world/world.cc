#include "api/aws/world.h"

#include <fmt/format.h>

#include <string>

#include "api/aws/world/arn.h"
#include "base/log.h"

namespace weir::amazon {

#define COMPILER(service)              \
  namespace service {                  \
  void compile(const Compiling& what); \
  }
#include "api/aws/world/compilers.def"
#undef COMPILER

#define BOOK(service)               \
  namespace service {               \
  std::shared_ptr<Book> new_book(); \
  }
#include "api/aws/world/books.def"
#undef BOOK

namespace {

std::shared_ptr<Book> new_book([[maybe_unused]] std::string_view service) {
#define BOOK(name) \
  if (service == #name) return name::new_book();
#include "api/aws/world/books.def"
#undef BOOK
  return nullptr;
}

void merge(Desired& into, Desired from) {
  control::for_each_kind([&](const char*, auto part) { (into.*part).merge(from.*part); });
}

// aws/elbv2/rule into elbv2 and rule.
std::pair<std::string_view, std::string_view> parts_of(std::string_view kind) {
  kind.remove_prefix(std::min(kind.size(), std::string_view(kOrigin).size() + 1));
  const auto slash = kind.find('/');
  if (slash == kind.npos) return {};
  return {kind.substr(0, slash), kind.substr(slash + 1)};
}

aws::Fault fault_of(const control::Applied& applied) {
  std::string text;
  for (const Mistake& mistake : applied.mistakes) {
    text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", mistake.path, mistake.what);
    if (!mistake.remedy.empty()) text += ": " + mistake.remedy;
  }
  return {"ValidationError", text};
}

}  // namespace

Draft::Draft(World& world, Tenant tenant)
    : world_(&world), tenant_(std::move(tenant)), books_(world.books(tenant_)) {
  books_.settle();
}

Draft::Draft(Draft&& other) noexcept
    : world_(std::exchange(other.world_, nullptr)),
      tenant_(std::move(other.tenant_)),
      books_(std::move(other.books_)) {}

Draft::~Draft() {
  if (world_ != nullptr) world_->turns_.pass();
}

Task<aws::Reply<void>> Draft::commit() { return world_->commit(tenant_, std::move(books_)); }

const Books& World::books(const Tenant& tenant) const {
  static const Books kNone;
  const auto found = books_.find(key_of(tenant));
  return found == books_.end() ? kNone : found->second;
}

Task<Draft> World::change(Tenant tenant) {
  auto turn = turns_.take();
  co_await turn;
  co_return Draft(*this, std::move(tenant));
}

bool World::is_home(const Tenant& tenant) const {
  const Aws& home = control_.desired().aws;
  return tenant.account == home.account && tenant.region == home.region;
}

std::string World::metrics_of(const Tenant& tenant) const {
  return is_home(tenant) ? "" : tenant.account + "/" + tenant.region;
}

std::string World::name(const Tenant& tenant, std::string_view own) const {
  if (is_home(tenant)) return weir_name(own, "");
  const bool same = tenant.account == control_.desired().aws.account;
  return weir_name(own, same ? tenant.region : tenant.account + "-" + tenant.region);
}

Compiled World::compile(const Tenant& tenant, const Books& books) const {
  Compiled out;
  const Compiling what{*this, tenant, books, out};
#define COMPILER(service) service::compile(what);
#include "api/aws/world/compilers.def"
#undef COMPILER
  static_cast<void>(what);
  return out;
}

Desired World::all_but(const Key& key) const {
  Desired all;
  for (const auto& [other, desired] : compiled_) {
    if (other != key) merge(all, desired);
  }
  return all;
}

Task<aws::Reply<void>> World::commit(const Tenant& tenant, Books books) {
  const Key key = key_of(tenant);
  state::Change change;
  const auto& before = World::books(tenant).all();
  for (const auto& [service, book] : books.all()) {
    const auto was = before.find(service);
    if (was != before.end() && was->second == book) continue;
    book->changes(was == before.end() ? nullptr : was->second.get(),
                  {tenant.account, tenant.region}, change);
  }
  Compiled now = compile(tenant, books);
  if (!now.faults.empty()) co_return tl::unexpected(now.faults.front());
  const auto then = compiled_.find(key);
  if (then != compiled_.end() ? then->second == now.desired : now.desired == Desired()) {
    auto recording = control_.record(std::move(change));
    if (const Result<> done = co_await recording; !done) {
      co_return aws::refuse("InternalFailure", "not stored: " + done.error().message, 500);
    }
  } else {
    Loaded all;
    all.desired = all_but(key);
    merge(all.desired, now.desired);
    auto applying = control_.apply(kOrigin, std::move(all), std::move(change));
    const control::Applied applied = co_await applying;
    if (!applied.good()) co_return tl::unexpected(fault_of(applied));
  }
  books.settle();
  books_[key] = std::move(books);
  compiled_[key] = std::move(now.desired);
  co_return aws::Reply<void>();
}

Task<Result<>> World::load() {
  const auto rows = control_.records_of(std::string(kOrigin) + "/");
  if (!rows) co_return tl::unexpected(rows.error());
  std::map<Key, std::map<std::string, std::shared_ptr<Book>, std::less<>>> found;
  for (const state::Resource& row : *rows) {
    const auto [service, shelf] = parts_of(row.key.kind);
    auto& book = found[{row.key.tenant.account, row.key.tenant.region}][std::string(service)];
    if (!book) book = new_book(service);
    const Result<bool> taken = book ? book->take(shelf, row.key.name, row.body) : false;
    if (!taken || !*taken) {
      LOG(error, "a stored AWS resource is not understood: left out", {"kind", row.key.kind},
          {"name", row.key.name}, {"error", taken ? "unknown" : taken.error().message});
    }
  }
  Loaded all;
  for (auto& [key, books] : found) {
    for (auto& [service, book] : books) {
      if (book) books_[key].add(std::move(book));
    }
    Compiled compiled = compile({key.first, key.second}, books_[key]);
    for (const aws::Fault& fault : compiled.faults) {
      LOG(error, "stored AWS resources do not fit any more", {"error", fault.message});
    }
    compiled_[key] = compiled.desired;
    merge(all.desired, std::move(compiled.desired));
  }
  loaded_ = true;
  if (found.empty()) co_return Result<>();
  auto applying = control_.apply(kOrigin, std::move(all));
  const control::Applied applied = co_await applying;
  if (!applied.good()) co_return fail(Code::invalid, fault_of(applied).message);
  co_return Result<>();
}

}  // namespace weir::amazon
