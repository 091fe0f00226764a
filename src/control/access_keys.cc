#include "control/access_keys.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/log.h"

namespace weir::control {
namespace {

using Json = nlohmann::json;

constexpr const char* kAccessKey = "access_key";
constexpr const char* kRemedy =
    "put back the file that was beside the state file, or delete the access keys that need it "
    "(weir credentials list) and make new ones; then reload weir";

std::int64_t ms_of(WallTime at) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
}
WallTime time_of_ms(std::int64_t ms) { return WallTime(std::chrono::milliseconds(ms)); }

// Characters of an alphabet of 32 or 64.
std::string draw_text(std::size_t length, std::string_view alphabet, const Entropy& entropy) {
  std::vector<unsigned char> bytes(length);
  entropy(bytes);
  std::string text;
  for (const unsigned char byte : bytes) text += alphabet[byte % alphabet.size()];
  return text;
}

std::string about_secret(const std::string& id) { return id + "/secret"; }
std::string about_token(const std::string& id) { return id + "/token"; }

state::Key store_key(const std::string& id) {
  state::Key key;
  key.kind = kAccessKey;
  key.name = id;
  return key;
}

state::Resource row_of(const AccessKey& key, const Sealer& sealer, const Entropy& entropy) {
  Json json{{"name", key.name},
            {"account", key.account},
            {"read_only", key.read_only},
            {"services", key.services},
            {"created_ms", ms_of(key.created)},
            {"secret", sealer.seal(key.secret, about_secret(key.id), entropy)}};
  if (key.expires) json["expires_ms"] = ms_of(*key.expires);
  if (!key.session_token.empty()) {
    json["token"] = sealer.seal(key.session_token, about_token(key.id), entropy);
  }
  state::Resource row;
  row.key = store_key(key.id);
  row.body = json.dump();
  row.origin = "api";
  return row;
}

Error cannot_be_used(const std::string& path, const Error& why) {
  if (why.code == Code::not_found) {
    return Error(why.code, fmt::format("{}: the key file is missing: {}", path, kRemedy));
  }
  return why;
}

}  // namespace

Result<> check(const NewAccessKey& wanted) {
  constexpr const char* kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+=,.@_-";
  if (wanted.name.empty() || wanted.name.size() > 64 ||
      wanted.name.find_first_not_of(kPlain) != std::string::npos) {
    return fail(Code::invalid,
                "the name of an access key has 1 to 64 letters, digits and + = , . @ _ -");
  }
  if (wanted.account.size() != 12 ||
      wanted.account.find_first_not_of("0123456789") != std::string::npos) {
    return fail(Code::invalid, "an account has 12 digits");
  }
  if (wanted.lifetime && *wanted.lifetime < 1s) {
    return fail(Code::invalid, "an access key lives for a second at least");
  }
  if (wanted.session && !wanted.lifetime) {
    return fail(Code::invalid, "a session ends some time: say when it expires");
  }
  return {};
}

AccessKey draw_access_key(const NewAccessKey& wanted, WallTime now, const Entropy& entropy) {
  constexpr std::string_view kId = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  constexpr std::string_view kSecret =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  AccessKey key;
  key.id = (wanted.session ? "ASIA" : "AKIA") + draw_text(16, kId, entropy);
  key.name = wanted.name;
  key.account = wanted.account;
  key.read_only = wanted.read_only;
  key.services = wanted.services;
  key.created = std::chrono::floor<std::chrono::milliseconds>(now);
  if (wanted.lifetime) key.expires = key.created + *wanted.lifetime;
  key.secret = draw_text(40, kSecret, entropy);
  if (wanted.session) key.session_token = draw_text(128, kSecret, entropy);
  return key;
}

AccessKeys::AccessKeys(net::Reactor& reactor, Records& records, net::Background& files,
                       Entropy entropy)
    : reactor_(reactor), records_(records), files_(files), entropy_(std::move(entropy)) {}

Result<> AccessKeys::load(const std::string& state) {
  if (state == ":memory:") {
    sealer_ = Sealer::draw(entropy_);
    return {};
  }
  path_ = state + ".key";
  return read_all();
}

void AccessKeys::retry() {
  bool trouble = false;
  for (const auto& [id, key] : keys_) trouble = trouble || !key.trouble.empty();
  if (!trouble) return;
  if (const auto read = read_all(); !read) {
    LOG(error, "access keys cannot be read", {"error", read.error().message});
  }
}

Result<> AccessKeys::read_all() {
  no_sealer_.clear();
  TRY(const auto rows, records_.load_resources(kAccessKey));
  if (auto loaded = Sealer::load(path_, ::geteuid())) {
    sealer_ = std::move(*loaded);
  } else {
    const Error why = cannot_be_used(path_, loaded.error());
    if (loaded.error().code != Code::not_found || !rows.empty()) no_sealer_ = why.message;
  }
  std::size_t lost = 0;
  for (const state::Resource& row : rows) {
    AccessKey key = read(row);
    lost += key.trouble.empty() ? 0 : 1;
    keys_.insert_or_assign(key.id, std::move(key));
  }
  if (!no_sealer_.empty()) LOG(error, "access keys cannot be used", {"error", no_sealer_});
  if (no_sealer_.empty() && lost > 0) {
    LOG(error, "access keys cannot be used", {"count", lost}, {"file", path_}, {"remedy", kRemedy});
  }
  return {};
}

AccessKey AccessKeys::read(const state::Resource& row) const {
  AccessKey key;
  key.id = row.key.name;
  const Json json = Json::parse(row.body, nullptr, false);
  if (!json.is_object()) {
    key.trouble = "its record cannot be read";
    return key;
  }
  key.name = json.value("name", "");
  key.account = json.value("account", "");
  key.read_only = json.value("read_only", true);
  key.services = json.value("services", std::vector<std::string>());
  key.created = time_of_ms(json.value("created_ms", std::int64_t{0}));
  if (json.contains("expires_ms"))
    key.expires = time_of_ms(json.value("expires_ms", std::int64_t{0}));
  if (!sealer_) {
    key.trouble = no_sealer_;
    return key;
  }
  const auto opened = [&](const char* member, const std::string& about) -> std::string {
    auto text = sealer_->open(json.value(member, ""), about);
    if (text) return *std::move(text);
    key.trouble = text.error().code == Code::conflict
                      ? fmt::format("{}: its secret {}: {}", path_, text.error().message, kRemedy)
                      : fmt::format("its secret {}", text.error().message);
    return {};
  };
  key.secret = opened("secret", about_secret(key.id));
  if (json.contains("token")) key.session_token = opened("token", about_token(key.id));
  return key;
}

const AccessKey* AccessKeys::find(std::string_view id) const {
  const auto found = keys_.find(id);
  return found == keys_.end() ? nullptr : &found->second;
}

Result<Sealer> AccessKeys::sealer_for_new() const {
  auto loaded = Sealer::load(path_, ::geteuid());
  if (loaded) return loaded;
  if (loaded.error().code == Code::not_found && keys_.empty()) {
    return Sealer::create(path_, entropy_);
  }
  return tl::unexpected(cannot_be_used(path_, loaded.error()));
}

Task<Result<AccessKey>> AccessKeys::create(NewAccessKey wanted) {
  CO_TRY_VOID(check(wanted));
  auto turn = turns_.take();
  co_await turn;
  if (!sealer_) {
    std::function<Result<Sealer>()> work = [this] { return sealer_for_new(); };
    auto making = files_.run<Result<Sealer>>(reactor_, std::move(work));
    Result<Sealer> made = co_await making;
    if (!made) {
      turns_.pass();
      co_return tl::unexpected(made.error());
    }
    sealer_ = std::move(*made);
  }
  AccessKey key = draw_access_key(wanted, reactor_.clock().wall(), entropy_);
  state::Change change;
  change.put.push_back(row_of(key, *sealer_, entropy_));
  const Result<> done = co_await records_.commit(std::move(change));
  if (done) keys_.insert_or_assign(key.id, key);
  turns_.pass();
  if (!done) co_return tl::unexpected(done.error());
  co_return std::move(key);
}

Task<Result<>> AccessKeys::remove(std::string id) {
  if (!keys_.contains(id)) co_return fail(Code::not_found, "no access key '" + id + "'");
  state::Change change;
  change.remove.push_back(store_key(id));
  const Result<> done = co_await records_.commit(std::move(change));
  if (!done) co_return done;
  keys_.erase(id);
  co_return Result<>();
}

}  // namespace weir::control
