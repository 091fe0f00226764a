#include "control/access_keys.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "net/test_loop.h"

namespace weir::control {
namespace {

namespace fs = std::filesystem;

// 0, 1, 2, ...: what is drawn is known.
struct Counting {
  unsigned char next = 0;
  void operator()(std::span<unsigned char> into) {
    for (unsigned char& byte : into) byte = next++;
  }
};

NewAccessKey wanted(std::string name = "ci") {
  NewAccessKey wanted;
  wanted.name = std::move(name);
  wanted.account = "123456789012";
  return wanted;
}

TEST(DrawAccessKey, LooksAsAwsKeysDo) {
  const AccessKey key = draw_access_key(wanted(), WallTime(1s), Counting());

  EXPECT_EQ(key.id, "AKIAABCDEFGHIJKLMNOP");
  EXPECT_EQ(key.secret.size(), 40u);
  EXPECT_EQ(key.session_token, "");
  EXPECT_EQ(key.created, WallTime(1s));
  EXPECT_FALSE(key.expires);
}

TEST(DrawAccessKey, GivesASessionItsTokenAndItsEnd) {
  NewAccessKey session = wanted();
  session.session = true;
  session.lifetime = 12h;

  const AccessKey key = draw_access_key(session, WallTime(0s), Counting());

  EXPECT_EQ(key.id.substr(0, 4), "ASIA");
  EXPECT_EQ(key.session_token.size(), 128u);
  EXPECT_EQ(key.expires, WallTime(12h));
}

TEST(CheckAccessKey, NamesWhatIsWrong) {
  NewAccessKey name = wanted("a b"), account = wanted(), session = wanted(), life = wanted();
  account.account = "12";
  session.session = true;
  life.lifetime = 0s;

  EXPECT_TRUE(check(wanted()));
  for (const NewAccessKey& bad : {name, account, session, life}) EXPECT_FALSE(check(bad));
}

class AccessKeysTest : public testing::Test {
 protected:
  AccessKeysTest() {
    char name[] = "/tmp/weir-keys-XXXXXX";
    folder_ = ::mkdtemp(name);
    state_ = folder_ / "state.db";
    start();
  }
  ~AccessKeysTest() override {
    keys_.reset();
    records_.reset();
    fs::remove_all(folder_);
  }

  // As a weir that starts.
  void start() {
    keys_.reset();
    records_.reset();
    records_ = std::make_unique<Records>(loop_.reactor, *state::Store::open(state_));
    keys_ = std::make_unique<AccessKeys>(loop_.reactor, *records_, files_);
    const auto loaded = keys_->load(state_);
    ASSERT_TRUE(loaded) << loaded.error().message;
  }
  Result<AccessKey> create(NewAccessKey which = wanted()) {
    std::optional<Result<AccessKey>> made;
    loop_.run(create_into(std::move(which), made));
    return *std::move(made);
  }
  Result<> remove(std::string id) {
    std::optional<Result<>> done;
    loop_.run(remove_into(std::move(id), done));
    return *done;
  }
  Task<> create_into(NewAccessKey which, std::optional<Result<AccessKey>>& into) {
    into = co_await keys_->create(std::move(which));
  }
  Task<> remove_into(std::string id, std::optional<Result<>>& into) {
    into = co_await keys_->remove(std::move(id));
  }

  net::TestLoop loop_;
  net::Background files_;
  fs::path folder_;
  std::string state_;
  std::unique_ptr<Records> records_;
  std::unique_ptr<AccessKeys> keys_;
};

TEST_F(AccessKeysTest, AreThereAfterARestart) {
  NewAccessKey which = wanted();
  which.read_only = true;
  which.services = {"autoscaling", "cloudwatch"};
  which.session = true;
  which.lifetime = 1h;
  const auto made = create(which);
  ASSERT_TRUE(made) << made.error().message;

  start();

  const AccessKey* const key = keys_->find(made->id);
  ASSERT_NE(key, nullptr);
  EXPECT_EQ(key->trouble, "");
  EXPECT_EQ(key->secret, made->secret);
  EXPECT_EQ(key->session_token, made->session_token);
  EXPECT_EQ(key->name, "ci");
  EXPECT_EQ(key->account, "123456789012");
  EXPECT_TRUE(key->read_only);
  EXPECT_EQ(key->services, which.services);
  EXPECT_EQ(key->created, made->created);
  EXPECT_EQ(key->expires, made->expires);
}

TEST_F(AccessKeysTest, AreGoneForGoodWhenDeleted) {
  const auto made = create();

  EXPECT_TRUE(remove(made->id));

  EXPECT_EQ(keys_->find(made->id), nullptr);
  EXPECT_EQ(remove(made->id).error().code, Code::not_found);
  start();
  EXPECT_TRUE(keys_->all().empty());
}

TEST_F(AccessKeysTest, AreNotReadableInTheStateFile) {
  const auto made = create();
  records_.reset();
  keys_.reset();

  for (const auto& entry : fs::directory_iterator(folder_)) {
    std::ostringstream text;
    text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    EXPECT_EQ(text.str().find(made->secret), std::string::npos) << entry.path();
  }
}

TEST_F(AccessKeysTest, CannotBeUsedWithoutTheirKeyFileAndSaySo) {
  const auto made = create();
  fs::rename(state_ + ".key", folder_ / "away");

  start();

  const AccessKey* const key = keys_->find(made->id);
  ASSERT_NE(key, nullptr);
  EXPECT_TRUE(key->secret.empty());
  EXPECT_TRUE(key->trouble.starts_with(state_ + ".key: the key file is missing: put back"))
      << key->trouble;
  EXPECT_EQ(create().error().message, key->trouble);
  fs::rename(folder_ / "away", state_ + ".key");
  keys_->retry();
  EXPECT_EQ(keys_->find(made->id)->secret, made->secret);
}

TEST_F(AccessKeysTest, CannotBeUsedWithAnothersKeyFile) {
  const auto made = create();
  fs::remove(state_ + ".key");
  ASSERT_TRUE(Sealer::create(state_ + ".key", &system_entropy));

  start();

  EXPECT_TRUE(keys_->find(made->id)->secret.empty());
  EXPECT_NE(keys_->find(made->id)->trouble.find("was sealed with the key"), std::string::npos);
  EXPECT_TRUE(remove(made->id));
  EXPECT_TRUE(create());
}

TEST_F(AccessKeysTest, CannotBeUsedWhileOthersMayReadTheKeyFile) {
  const auto made = create();
  ::chmod((state_ + ".key").c_str(), 0644);

  start();

  EXPECT_TRUE(keys_->find(made->id)->trouble.ends_with("chmod 600 " + state_ + ".key"));
}

}  // namespace
}  // namespace weir::control
