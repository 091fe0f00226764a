// Database: one SQLite connection, its errors as Results. The only place that knows SQLite.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace weir::state {

using Value = std::variant<std::int64_t, std::string_view>;

// A row of an answer; only valid within the call that is given it.
class Row {
 public:
  explicit Row(sqlite3_stmt* statement) : statement_(statement) {}
  std::string text(int column) const;
  std::int64_t number(int column) const;

 private:
  sqlite3_stmt* statement_;
};

// One thread at a time. Errors name the file.
class Database {
 public:
  // Opens or makes the file. Nothing is read yet, so a damaged file is found later.
  static Result<Database> open(const std::string& path);
  Database(Database&& other) noexcept;
  Database& operator=(Database&&) = delete;
  ~Database();

  // One or more statements without parameters and answers.
  Result<> exec(std::string_view sql);
  // One statement; `each` sees every row. Parameters are bound to ?1, ?2, ...
  Result<> run(std::string_view sql, std::initializer_list<Value> values = {},
               const std::function<void(const Row&)>& each = {});
  // The first column of the first row.
  Result<std::int64_t> number(std::string_view sql);
  Result<std::string> text(std::string_view sql);
  // All of `work` or nothing of it.
  Result<> transaction(const std::function<Result<>()>& work);

 private:
  Database(sqlite3* handle, std::string path) : handle_(handle), path_(std::move(path)) {}
  tl::unexpected<Error> failure() const;

  sqlite3* handle_;
  std::string path_;
};

}  // namespace weir::state
