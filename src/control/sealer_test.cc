#include "control/sealer.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace weir::control {
namespace {

namespace fs = std::filesystem;

class SealerTest : public testing::Test {
 protected:
  SealerTest() {
    char name[] = "/tmp/weir-sealer-XXXXXX";
    folder_ = ::mkdtemp(name);
    path_ = folder_ / "state.db.key";
  }
  ~SealerTest() override { fs::remove_all(folder_); }

  Result<Sealer> load() const { return Sealer::load(path_, ::geteuid()); }
  void write(const std::string& text) const {
    std::ofstream(path_) << text;
    ::chmod(path_.c_str(), 0600);
  }

  fs::path folder_;
  std::string path_;
};

TEST_F(SealerTest, OpensWhatItSealed) {
  const auto sealer = Sealer::draw(&system_entropy);

  const std::string sealed = sealer.seal("secret", "AKIA1/secret", &system_entropy);

  EXPECT_EQ(sealer.open(sealed, "AKIA1/secret"), "secret");
  EXPECT_EQ(sealed.find("secret"), std::string::npos);
  EXPECT_NE(sealed, sealer.seal("secret", "AKIA1/secret", &system_entropy));
  EXPECT_EQ(Sealer::sealed_by(sealed), sealer.id());
}

TEST_F(SealerTest, NoticesEachChangedLetter) {
  const auto sealer = Sealer::draw(&system_entropy);
  const std::string sealed = sealer.seal("secret", "about", &system_entropy);

  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = changed[i] == '0' ? '1' : '0';
    EXPECT_FALSE(sealer.open(changed, "about")) << i;
  }
  EXPECT_FALSE(sealer.open(sealed, "about another"));
  EXPECT_FALSE(sealer.open("", "about"));
}

TEST_F(SealerTest, TellsTheKeyOfAnother) {
  const auto one = Sealer::draw(&system_entropy);
  const auto other = Sealer::draw(&system_entropy);

  const auto opened = other.open(one.seal("secret", "", &system_entropy), "");

  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::conflict);
  EXPECT_NE(opened.error().message.find(one.id()), std::string::npos);
}

TEST_F(SealerTest, KeepsItsKeyInAFileOfTheOwnerAlone) {
  const auto made = Sealer::create(path_, &system_entropy);
  ASSERT_TRUE(made) << made.error().message;

  const auto loaded = load();

  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->id(), made->id());
  EXPECT_EQ(fs::status(path_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
  EXPECT_EQ(Sealer::create(path_, &system_entropy).error().code, Code::conflict);
  EXPECT_EQ(load()->id(), made->id());
}

TEST_F(SealerTest, SaysWhatIsWrongWithItsFile) {
  EXPECT_EQ(load().error().code, Code::not_found);
  write("something else\n");
  EXPECT_EQ(load().error().message,
            path_ + ": is no key of weir: put back the file that was there");
  write("weir-key-1 00ff\n");
  EXPECT_EQ(load().error().code, Code::invalid);
  ::chmod(path_.c_str(), 0640);
  EXPECT_EQ(load().error().message,
            path_ + ": others may read the key (mode 0640): chmod 600 " + path_);
}

}  // namespace
}  // namespace weir::control
