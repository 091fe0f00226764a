#include "state/database.h"

#include <sqlite3.h>

#include <memory>
#include <utility>

namespace weir::state {
namespace {

using Statement = std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)>;

std::string quoted(const std::string& path) { return "state file '" + path + "'"; }

// What happened, in words that say what to do.
Error explain(const std::string& path, int code, const std::string& detail) {
  const std::string file = quoted(path);
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Code::conflict, file +
                                  " is in use by another weir: stop that one, or give this one "
                                  "another state.path"};
    case SQLITE_FULL:
      return {Code::limit, "the disk of " + file +
                               " is full: nothing was changed; free some space and try again"};
    case SQLITE_NOTADB:
      return {Code::invalid,
              file + " is not a weir state file: move it away or name another state.path"};
    case SQLITE_CORRUPT:
      return {Code::invalid, file + " is damaged (" + detail +
                                 "): restore it from a backup, or move it away and start with an "
                                 "empty one; running instances are adopted either way"};
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return {Code::denied,
              file + " cannot be written (" + detail + "): let weir's user own it and its folder"};
    case SQLITE_CANTOPEN:
      return {Code::unavailable, file + " cannot be opened (" + detail +
                                     "): check that its folder exists and is " +
                                     "writable for weir's user"};
    case SQLITE_IOERR:
      return {Code::unavailable,
              file + " cannot be read or written (" + detail + "): check the disk"};
    default:
      return {Code::internal, file + ": " + detail};
  }
}

}  // namespace

std::string Row::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return bytes ? std::string(bytes, size) : std::string();
}

std::int64_t Row::number(int column) const { return sqlite3_column_int64(statement_, column); }

Result<Database> Database::open(const std::string& path) {
  sqlite3* handle = nullptr;
  const int flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  if (code != SQLITE_OK) {
    Error error = explain(path, code, handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code));
    sqlite3_close(handle);
    return tl::unexpected<Error>(std::move(error));
  }
  return Database(handle, path);
}

Database::Database(Database&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)), path_(std::move(other.path_)) {}

Database::~Database() { sqlite3_close(handle_); }

tl::unexpected<Error> Database::failure() const {
  return tl::unexpected<Error>(
      explain(path_, sqlite3_extended_errcode(handle_), sqlite3_errmsg(handle_)));
}

Result<> Database::exec(std::string_view sql) {
  if (sqlite3_exec(handle_, std::string(sql).c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return failure();
  }
  return {};
}

Result<> Database::run(std::string_view sql, std::initializer_list<Value> values,
                       const std::function<void(const Row&)>& each) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(handle_, sql.data(), static_cast<int>(sql.size()), &raw, nullptr) !=
      SQLITE_OK) {
    return failure();
  }
  const Statement statement(raw, &sqlite3_finalize);
  int index = 0;
  for (const Value& value : values) {
    ++index;
    int code = SQLITE_OK;
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      code = sqlite3_bind_int64(raw, index, *number);
    } else {
      const auto text = std::get<std::string_view>(value);
      code = sqlite3_bind_text64(raw, index, text.data() ? text.data() : "", text.size(),
                                 SQLITE_STATIC, SQLITE_UTF8);
    }
    if (code != SQLITE_OK) return failure();
  }
  int code = sqlite3_step(raw);
  for (; code == SQLITE_ROW; code = sqlite3_step(raw)) {
    if (each) each(Row(raw));
  }
  if (code != SQLITE_DONE) return failure();
  return {};
}

Result<std::int64_t> Database::number(std::string_view sql) {
  std::int64_t result = 0;
  TRY_VOID(run(sql, {}, [&](const Row& row) { result = row.number(0); }));
  return result;
}

Result<std::string> Database::text(std::string_view sql) {
  std::string result;
  TRY_VOID(run(sql, {}, [&](const Row& row) { result = row.text(0); }));
  return result;
}

Result<> Database::transaction(const std::function<Result<>()>& work) {
  TRY_VOID(exec("BEGIN IMMEDIATE"));
  Result<> done = work();
  if (done) done = exec("COMMIT");
  // A failed commit may have left the transaction open; SQLite ended it itself in some cases.
  if (!done && sqlite3_get_autocommit(handle_) == 0) {
    sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
  }
  return done;
}

}  // namespace weir::state
