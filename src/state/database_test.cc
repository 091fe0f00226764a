#include "state/database.h"

#include <gtest/gtest.h>

namespace weir::state {
namespace {

TEST(Database, BindsTextAndNumbersAndReadsThemBack) {
  auto db = *Database::open(":memory:");
  ASSERT_TRUE(db.exec("CREATE TABLE t (a TEXT, n INTEGER)"));
  const std::string odd("a'b\0c\n", 6);

  ASSERT_TRUE(db.run("INSERT INTO t VALUES (?1, ?2)", {odd, std::int64_t{-5}}));

  std::string text;
  std::int64_t number = 0;
  ASSERT_TRUE(db.run("SELECT a, n FROM t", {}, [&](const Row& row) {
    text = row.text(0);
    number = row.number(1);
  }));
  EXPECT_EQ(text, odd);
  EXPECT_EQ(number, -5);
}

TEST(Database, AnEmptyTextIsNotNull) {
  auto db = *Database::open(":memory:");
  ASSERT_TRUE(db.exec("CREATE TABLE t (a TEXT NOT NULL)"));
  EXPECT_TRUE(db.run("INSERT INTO t VALUES (?1)", {std::string_view()}));
}

TEST(Database, RollsBackATransactionThatFails) {
  auto db = *Database::open(":memory:");
  ASSERT_TRUE(db.exec("CREATE TABLE t (n INTEGER PRIMARY KEY)"));

  const auto done = db.transaction([&]() -> Result<> {
    TRY_VOID(db.run("INSERT INTO t VALUES (1)"));
    return db.run("INSERT INTO t VALUES (1)");
  });

  EXPECT_FALSE(done);
  EXPECT_EQ(*db.number("SELECT count(*) FROM t"), 0);
  EXPECT_TRUE(db.transaction([&] { return db.run("INSERT INTO t VALUES (1)"); }));
}

TEST(Database, TellsOfAFullDiskAndGoesOnAfterwards) {
  auto db = *Database::open(":memory:");
  ASSERT_TRUE(db.exec("CREATE TABLE t (a TEXT); PRAGMA max_page_count = 20"));
  const std::string large(200'000, 'x');

  const auto done = db.transaction([&] { return db.run("INSERT INTO t VALUES (?1)", {large}); });

  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::limit);
  EXPECT_NE(done.error().message.find("is full: nothing was changed"), std::string::npos)
      << done.error().message;
  EXPECT_TRUE(db.run("INSERT INTO t VALUES ('small')"));
  EXPECT_EQ(*db.number("SELECT count(*) FROM t"), 1);
}

TEST(Database, NamesTheFileInItsErrors) {
  const auto db = Database::open("/nonexistent/folder/state.db");
  ASSERT_FALSE(db);
  EXPECT_EQ(db.error().code, Code::unavailable);
  EXPECT_NE(db.error().message.find("'/nonexistent/folder/state.db' cannot be opened"),
            std::string::npos)
      << db.error().message;
}

}  // namespace
}  // namespace weir::state
