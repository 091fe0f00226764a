#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "state/database.h"
#include "state/schema.h"
#include "state/store.h"

namespace weir::state {
namespace {

namespace fs = std::filesystem;

class StoreTest : public testing::Test {
 protected:
  StoreTest() {
    std::string folder = (fs::temp_directory_path() / "weir-state-XXXXXX").string();
    folder_ = ::mkdtemp(folder.data());
    path_ = (folder_ / "state.db").string();
  }
  ~StoreTest() override { fs::remove_all(folder_); }

  std::unique_ptr<Store> open() {
    auto store = Store::open(path_);
    EXPECT_TRUE(store) << store.error().message;
    return store ? std::move(*store) : nullptr;
  }
  Error refused() {
    auto store = Store::open(path_);
    EXPECT_FALSE(store);
    return store ? Error(Code::internal, "it opened") : store.error();
  }
  std::string read_file() const {
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write_file(const std::string& bytes) const {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
  }

  fs::path folder_;
  std::string path_;
};

Resource resource(std::string kind, std::string name, std::string body = "{}") {
  return {{{}, std::move(kind), std::move(name)}, std::move(body), "weir.yaml"};
}

TEST_F(StoreTest, KeepsWhatWasCommittedAcrossReopening) {
  std::string id;
  {
    auto store = open();
    id = store->id();
    Change change;
    change.put = {resource("listener", "public", R"({"bind":"é"})"), resource("target_group", "b"),
                  resource("target_group", "a")};
    change.put_instances = {
        {"i-2", "ocr", "{}"}, {"i-1", "ocr", R"({"pid":1})"}, {"i-3", "chat", "{}"}};
    ASSERT_TRUE(store->commit(change));
  }

  auto store = open();

  EXPECT_EQ(store->id(), id);
  EXPECT_EQ(id.size(), 32u);
  const auto listener = *store->get({{}, "listener", "public"});
  ASSERT_TRUE(listener);
  EXPECT_EQ(listener->body, R"({"bind":"é"})");
  EXPECT_EQ(listener->origin, "weir.yaml");
  EXPECT_EQ(listener->version, 1u);
  const auto groups = *store->list("target_group");
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].key.name, "a");
  EXPECT_EQ(store->list()->size(), 3u);
  const auto instances = *store->instances("ocr");
  ASSERT_EQ(instances.size(), 2u);
  EXPECT_EQ(instances[0].id, "i-1");
  EXPECT_EQ(instances[0].body, R"({"pid":1})");
  EXPECT_EQ(store->instances()->size(), 3u);
}

TEST_F(StoreTest, RaisesTheVersionWithEachPutAndForgetsWhatIsRemoved) {
  auto store = open();
  const Key key{{}, "listener", "public"};
  for (int n = 0; n < 3; ++n) {
    Change put;
    put.put = {resource("listener", "public", std::to_string(n))};
    put.put_instances = {{"i-1", "ocr", std::to_string(n)}};
    ASSERT_TRUE(store->commit(put));
  }
  EXPECT_EQ((*store->get(key))->version, 3u);
  EXPECT_EQ((*store->get(key))->body, "2");
  EXPECT_EQ((*store->instances())[0].body, "2");

  Change remove;
  remove.remove = {key, {{}, "listener", "never there"}};
  remove.remove_instances = {"i-1", "i-9"};
  ASSERT_TRUE(store->commit(remove));

  EXPECT_FALSE(*store->get(key));
  EXPECT_TRUE(store->instances()->empty());
}

TEST_F(StoreTest, KeepsTenantsApart) {
  auto store = open();
  Resource other = resource("listener", "public", "theirs");
  other.key.tenant = {"acme", "eu"};
  Change change;
  change.put = {resource("listener", "public", "ours"), other};
  ASSERT_TRUE(store->commit(change));

  EXPECT_EQ((*store->get({{}, "listener", "public"}))->body, "ours");
  EXPECT_EQ((*store->get(other.key))->body, "theirs");
  EXPECT_EQ(store->list("listener")->size(), 1u);
  EXPECT_EQ(store->list("", {"acme", "eu"})->size(), 1u);
}

TEST_F(StoreTest, BoundsTheHistoryOfEachGroup) {
  auto store = open();
  std::vector<Activity> many;
  for (std::size_t n = 0; n < Store::kHistory + 50; ++n) {
    many.push_back({"ocr", WallTime(std::chrono::seconds(n)), std::to_string(n)});
  }
  ASSERT_TRUE(store->append({{"chat", WallTime(1s), "hello"}}));
  ASSERT_TRUE(store->append(many));
  store.reset();
  store = open();

  const auto all = *store->activities("ocr", 10 * Store::kHistory);
  ASSERT_EQ(all.size(), Store::kHistory);
  EXPECT_EQ(all.front().body, std::to_string(Store::kHistory + 49));
  EXPECT_EQ(all.front().at, WallTime(std::chrono::seconds(Store::kHistory + 49)));
  EXPECT_EQ(all.back().body, "50");
  EXPECT_EQ(store->activities("ocr", 3)->size(), 3u);
  EXPECT_EQ(store->activities("chat")->size(), 1u);
}

TEST_F(StoreTest, KeepsMinutesForFifteenDays) {
  auto store = open();
  const WallTime begin(std::chrono::days(100));
  const auto minute = [&](std::int64_t n) { return begin + std::chrono::minutes(n); };
  const std::int64_t kept = Store::kMinutes / 1min;
  std::vector<Minute> some = {{"scaling_group/ocr", "requests", minute(0), 0.25},
                              {"scaling_group/ocr", "requests", minute(1), 2.0004},
                              {"scaling_group/ocr", "load", minute(1), 7},
                              {"scaling_group/chat", "requests", minute(1), 9}};
  ASSERT_TRUE(store->append(some));
  ASSERT_TRUE(store->append({{"scaling_group/ocr", "requests", minute(1) + 59s, 3}}));
  store.reset();
  store = open();
  const auto all = *store->minutes("scaling_group/ocr", "requests");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].at, minute(0));
  EXPECT_DOUBLE_EQ(all[0].value, 0.25);
  EXPECT_DOUBLE_EQ(all[1].value, 3);

  ASSERT_TRUE(store->append({{"scaling_group/ocr", "requests", minute(kept), 1}}));
  const auto later = *store->minutes("scaling_group/ocr", "requests");
  ASSERT_EQ(later.size(), 2u);
  EXPECT_EQ(later[0].at, minute(1));
  EXPECT_EQ(store->minutes("scaling_group/ocr", "load")->size(), 1u);
}

TEST_F(StoreTest, KeepsPointsOfAllMetricsForFifteenDays) {
  auto store = open();
  const WallTime begin(std::chrono::days(100));
  const auto minute = [&](std::int64_t n) { return begin + std::chrono::minutes(n); };
  const std::int64_t kept = Store::kMinutes / 1min;
  const std::vector<Point> some = {{"waiting{target_group=ocr}", minute(1), 0.0000014},
                                   {"desired{scaling_group=ocr}", minute(1), -7.5}};
  ASSERT_TRUE(store->append(some));
  ASSERT_TRUE(store->append({Point{"waiting{target_group=ocr}", minute(2), 3}}));
  store.reset();
  store = open();
  const auto all = *store->points("waiting{target_group=ocr}", begin);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].at, minute(1));
  EXPECT_DOUBLE_EQ(all[0].value, 0.000001);
  EXPECT_EQ(store->points("waiting{target_group=ocr}", minute(2))->size(), 1u);
  EXPECT_DOUBLE_EQ((*store->points("desired{scaling_group=ocr}", begin))[0].value, -7.5);
  EXPECT_TRUE(store->points("nothing", begin)->empty());

  ASSERT_TRUE(store->append({Point{"waiting{target_group=ocr}", minute(kept + 1), 1}}));
  EXPECT_EQ(store->points("waiting{target_group=ocr}", begin)->size(), 2u);
  EXPECT_EQ(store->points("desired{scaling_group=ocr}", begin)->size(), 1u);
  // The first minute of a day: what is silent goes too.
  ASSERT_TRUE(store->append({Point{"waiting{target_group=ocr}", minute(kept + 1440), 1}}));
  EXPECT_TRUE(store->points("desired{scaling_group=ocr}", begin)->empty());
}

TEST_F(StoreTest, AMemoryStoreWorksAndKeepsNothing) {
  auto first = *Store::open(":memory:");
  auto second = *Store::open(":memory:");
  Change change;
  change.put = {resource("listener", "public")};
  ASSERT_TRUE(first->commit(change));
  EXPECT_EQ(first->list()->size(), 1u);
  EXPECT_TRUE(second->list()->empty());
  EXPECT_NE(first->id(), second->id());
}

TEST_F(StoreTest, MakesItsFolderAndIsReadableByItsOwnerAlone) {
  path_ = (folder_ / "var" / "lib" / "state.db").string();
  const auto old = ::umask(0);
  auto store = open();
  Change change;
  change.put = {resource("listener", "public")};
  ASSERT_TRUE(store->commit(change));
  ::umask(old);

  for (const auto& entry : fs::directory_iterator(folder_ / "var" / "lib")) {
    EXPECT_EQ(static_cast<unsigned>(entry.status().permissions()), 0600u) << entry.path();
  }
  EXPECT_EQ(static_cast<unsigned>(fs::status(folder_ / "var" / "lib").permissions()), 0700u);
  store.reset();
  fs::permissions(path_, fs::perms(0644));
  store = open();
  EXPECT_EQ(static_cast<unsigned>(fs::status(path_).permissions()), 0600u);
}

TEST_F(StoreTest, RefusesAFileThatAnotherWeirHas) {
  auto first = open();

  const Error error = refused();

  EXPECT_EQ(error.code, Code::conflict);
  EXPECT_EQ(error.message, "state file '" + path_ +
                               "' is in use by another weir: stop that one, or give this one "
                               "another state.path");
  Change change;
  change.put = {resource("listener", "public")};
  EXPECT_TRUE(first->commit(change));
  first.reset();
  EXPECT_EQ(open()->list()->size(), 1u);
}

TEST_F(StoreTest, RefusesAFileThatAnotherProcessHas) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto store = Store::open(path_);
    char ok = store ? 'y' : 'n';
    if (::write(ready[1], &ok, 1) != 1) ::_exit(1);
    ::pause();
    ::_exit(0);
  }
  char ok = 0;
  ASSERT_EQ(::read(ready[0], &ok, 1), 1);
  ASSERT_EQ(ok, 'y');

  EXPECT_EQ(refused().code, Code::conflict);

  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(open());
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_F(StoreTest, BringsAnOlderSchemaUpToDate) {
  {
    auto db = *Database::open(path_);
    ASSERT_TRUE(db.exec(kMigrations[0]));
    ASSERT_TRUE(
        db.exec("PRAGMA application_id = 2003134834; PRAGMA user_version = 1;"
                "INSERT INTO meta VALUES ('store_id', 'from-version-1');"
                "INSERT INTO resources VALUES ('default', 'default', 'listener', 'public',"
                "                              'old', 'api', 7);"
                "INSERT INTO instances VALUES ('i-1', 'default', 'default', 'ocr', '{}')"));
  }

  auto store = open();

  EXPECT_EQ(store->id(), "from-version-1");
  EXPECT_EQ((*store->get({{}, "listener", "public"}))->version, 7u);
  EXPECT_EQ(store->instances()->size(), 1u);
  EXPECT_TRUE(store->append({{"ocr", WallTime(1s), "new"}}));
  EXPECT_TRUE(store->append({{"scaling_group/ocr", "load", WallTime(1min), 1}}));
  EXPECT_TRUE(store->append({Point{"load", WallTime(1min), 1}}));
  store.reset();
  EXPECT_EQ(*(*Database::open(path_)).number("PRAGMA user_version"), kSchema);
}

TEST_F(StoreTest, RefusesANewerSchema) {
  open().reset();
  ASSERT_TRUE((*Database::open(path_)).exec("PRAGMA user_version = 99"));

  const Error error = refused();

  EXPECT_EQ(error.code, Code::invalid);
  EXPECT_NE(error.message.find("was written by a newer weir (schema 99"), std::string::npos)
      << error.message;
}

TEST_F(StoreTest, RefusesTheFileOfAnotherProgramAndLeavesItAlone) {
  ASSERT_TRUE((*Database::open(path_)).exec("CREATE TABLE bookmarks (url TEXT)"));
  fs::permissions(path_, fs::perms(0644));
  const std::string before = read_file();
  EXPECT_NE(refused().message.find("is of another program"), std::string::npos);
  EXPECT_EQ(read_file(), before);
  EXPECT_EQ(static_cast<unsigned>(fs::status(path_).permissions()), 0644u);

  write_file(std::string(5000, 'x'));
  const Error error = refused();
  EXPECT_EQ(error.code, Code::invalid);
  EXPECT_NE(error.message.find("is not a weir state file"), std::string::npos) << error.message;
}

TEST_F(StoreTest, RefusesADamagedFile) {
  {
    auto store = open();
    Change change;
    for (int n = 0; n < 500; ++n) {
      change.put.push_back(resource("rule", std::to_string(n), std::string(200, 'r')));
    }
    ASSERT_TRUE(store->commit(change));
  }
  std::string bytes = read_file();
  ASSERT_GT(bytes.size(), 30'000u);
  std::fill(bytes.begin() + 8192, bytes.begin() + 20'000, '\x5a');
  write_file(bytes);

  const Error error = refused();

  EXPECT_EQ(error.code, Code::invalid);
  EXPECT_NE(error.message.find("is damaged"), std::string::npos) << error.message;
}

TEST_F(StoreTest, RefusesAFolderInPlaceOfAFile) {
  fs::create_directory(path_);
  EXPECT_EQ(refused().code, Code::unavailable);
}

// A child commits pairs and is killed without warning: what it was told is committed is there, and
// no pair is half there.
TEST_F(StoreTest, LosesNothingCommittedAndKeepsNothingHalfWhenKilled) {
  for (int round = 0; round < 5; ++round) {
    int told[2];
    ASSERT_EQ(::pipe(told), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      auto store = Store::open(path_);
      if (!store) ::_exit(1);
      for (int n = 0;; ++n) {
        Change change;
        for (const char* half : {"left", "right"}) {
          for (int part = 0; part < 20; ++part) {
            change.put.push_back(resource(half, fmt::format("{}-{}", round * 100000 + n, part),
                                          std::string(500, 'b')));
          }
        }
        if (!(*store)->commit(change)) ::_exit(2);
        if (::write(told[1], &n, sizeof n) != sizeof n) ::_exit(3);
      }
    }
    int last = -1;
    while (last < 10 + 7 * round) {
      ASSERT_EQ(::read(told[0], &last, sizeof last), static_cast<ssize_t>(sizeof last));
    }
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status));
    ::fcntl(told[0], F_SETFL, O_NONBLOCK);
    while (::read(told[0], &last, sizeof last) == static_cast<ssize_t>(sizeof last)) {
    }
    ::close(told[0]);
    ::close(told[1]);

    auto store = open();
    ASSERT_TRUE(store);
    EXPECT_EQ(store->list("left")->size(), store->list("right")->size());
    EXPECT_EQ(store->list("left")->size() % 20, 0u);
    for (int n = 0; n <= last; ++n) {
      ASSERT_TRUE(*store->get({{}, "right", fmt::format("{}-19", round * 100000 + n)})) << n;
    }
  }
}

TEST_F(StoreTest, ForgetsATransactionThatAKillInterrupted) {
  {
    auto store = open();
    Change change;
    change.put = {resource("listener", "public", "before")};
    ASSERT_TRUE(store->commit(change));
  }
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto db = Database::open(path_);
    // More than SQLite's cache holds, so that pages of the open transaction are in the file.
    const bool written =
        db && db->exec(
                  "PRAGMA journal_mode = WAL; PRAGMA cache_size = 10; BEGIN IMMEDIATE;"
                  "UPDATE resources SET body = 'half';"
                  "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5000)"
                  "INSERT INTO instances SELECT 'i-' || i, '', '', 'g', hex(randomblob(200))"
                  "  FROM n");
    const char ok = written ? 'y' : 'n';
    if (::write(ready[1], &ok, 1) != 1) ::_exit(1);
    ::pause();
    ::_exit(0);
  }
  char ok = 0;
  ASSERT_EQ(::read(ready[0], &ok, 1), 1);
  ASSERT_EQ(ok, 'y');
  ASSERT_GT(fs::file_size(path_ + "-wal"), 100'000u);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(ready[0]);
  ::close(ready[1]);

  auto store = open();

  EXPECT_EQ((*store->get({{}, "listener", "public"}))->body, "before");
  EXPECT_TRUE(store->instances()->empty());
}

// A limit on the size of files stands in for a full disk: the write itself fails.
TEST_F(StoreTest, RefusesAChangeThatCannotBeWrittenAndGoesOnWhenItCan) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    auto store = Store::open(path_);
    Change small, large;
    small.put = {resource("listener", "small")};
    for (int n = 0; n < 300; ++n) {
      large.put.push_back(resource("rule", std::to_string(n), std::string(2000, 'x')));
    }
    if (!store || !(*store)->commit(small)) ::_exit(1);
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    const rlim_t before = std::exchange(limit.rlim_cur, 200'000);
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto failed = (*store)->commit(large);
    if (failed) ::_exit(2);
    if (failed.error().code != Code::unavailable && failed.error().code != Code::limit) ::_exit(3);
    if (!(*store)->list("rule")->empty()) ::_exit(4);
    if ((*store)->list("listener")->size() != 1) ::_exit(5);
    limit.rlim_cur = before;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    if (!(*store)->commit(large)) ::_exit(6);
    ::_exit((*store)->list("rule")->size() == 300 ? 0 : 7);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(open()->list("rule")->size(), 300u);
}

}  // namespace
}  // namespace weir::state
