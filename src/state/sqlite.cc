#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>

#include "base/random.h"
#include "state/database.h"
#include "state/schema.h"
#include "state/store.h"

namespace weir::state {
namespace {

constexpr std::string_view kMemory = ":memory:";

// SQLite would make the file with the umask's mode; its -wal follows the file's mode. Never opens
// a file that is there: closing it again would drop a lock that this process holds on it.
Result<> make_private(const std::string& path) {
  std::error_code error;
  const auto folder = std::filesystem::path(path).parent_path();
  if (!folder.empty() && !std::filesystem::exists(folder, error)) {
    std::filesystem::create_directories(folder, error);
    if (error) {
      return fail(Code::unavailable, fmt::format("folder '{}' of the state file cannot be made: {}",
                                                 folder.string(), error.message()));
    }
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  }
  const int made = ::open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (made >= 0) {
    ::close(made);
    return {};
  }
  if (errno == EEXIST) return {};
  return fail(errno == EACCES || errno == EROFS ? Code::denied : Code::unavailable,
              fmt::format("state file '{}' cannot be made: {}", path, std::strerror(errno)));
}

// Keeps other processes out from here on, and checks that the file is ours and whole, before
// anything is written to it.
Result<> take(Database& db, const std::string& path) {
  TRY_VOID(db.exec("PRAGMA locking_mode = EXCLUSIVE"));
  TRY_VOID(db.exec("PRAGMA busy_timeout = 500"));  // the last one may be just ending
  TRY_VOID(db.exec("BEGIN EXCLUSIVE; COMMIT"));

  TRY(const auto application, db.number("PRAGMA application_id"));
  TRY(const auto version, db.number("PRAGMA user_version"));
  TRY(const auto tables, db.number("SELECT count(*) FROM sqlite_schema"));
  if (application != kApplicationId && (tables > 0 || application != 0)) {
    return fail(
        Code::invalid,
        fmt::format("state file '{}' is of another program: name another state.path", path));
  }
  if (version > kSchema) {
    return fail(
        Code::invalid,
        fmt::format("state file '{}' was written by a newer weir (schema {}, this one knows "
                    "{}): run that version, or restore a backup",
                    path, version, kSchema));
  }
  TRY(const auto verdict, db.text("PRAGMA quick_check(1)"));
  if (verdict != "ok") {
    return fail(Code::invalid,
                fmt::format("state file '{}' is damaged ({}): restore it from a backup, or move it "
                            "away and start with an empty one; running instances are adopted "
                            "either way",
                            path, verdict));
  }
  if (path != kMemory && ::chmod(path.c_str(), 0600) != 0) {
    return fail(Code::denied,
                fmt::format("state file '{}' cannot be made private: {}: let weir's user own it",
                            path, std::strerror(errno)));
  }
  TRY_VOID(db.exec("PRAGMA journal_mode = WAL"));
  return db.exec("PRAGMA synchronous = FULL");
}

Result<> migrate(Database& db) {
  return db.transaction([&]() -> Result<> {
    TRY(const auto version, db.number("PRAGMA user_version"));
    for (auto step = static_cast<std::size_t>(version); step < kMigrations.size(); ++step) {
      TRY_VOID(db.exec(kMigrations[step]));
    }
    if (version == kSchema) return {};
    TRY_VOID(db.exec(fmt::format("PRAGMA application_id = {}", kApplicationId)));
    return db.exec(fmt::format("PRAGMA user_version = {}", kSchema));
  });
}

Result<std::string> draw_id(Database& db) {
  const std::string fresh = fmt::format("{:016x}{:016x}", system_seed(), system_seed());
  TRY_VOID(db.run("INSERT OR IGNORE INTO meta VALUES ('store_id', ?1)", {fresh}));
  return db.text("SELECT value FROM meta WHERE key = 'store_id'");
}

class SqliteStore final : public Store {
 public:
  SqliteStore(Database db, std::string id) : db_(std::move(db)), id_(std::move(id)) {}

  const std::string& id() const override { return id_; }

  Result<> commit(const Change& change) override {
    return db_.transaction([&]() -> Result<> {
      for (const Key& k : change.remove) {
        TRY_VOID(db_.run(
            "DELETE FROM resources WHERE account = ?1 AND region = ?2 AND kind = ?3 AND name = ?4",
            {k.tenant.account, k.tenant.region, k.kind, k.name}));
      }
      for (const Resource& r : change.put) {
        TRY_VOID(db_.run(
            "INSERT INTO resources VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1) "
            "ON CONFLICT DO UPDATE SET body = ?5, origin = ?6, version = version + 1",
            {r.key.tenant.account, r.key.tenant.region, r.key.kind, r.key.name, r.body, r.origin}));
      }
      for (const std::string& instance : change.remove_instances) {
        TRY_VOID(db_.run("DELETE FROM instances WHERE id = ?1", {instance}));
      }
      for (const Instance& i : change.put_instances) {
        TRY_VOID(db_.run("INSERT OR REPLACE INTO instances VALUES (?1, ?2, ?3, ?4, ?5)",
                         {i.id, i.tenant.account, i.tenant.region, i.group, i.body}));
      }
      return {};
    });
  }

  Result<std::optional<Resource>> get(const Key& k) override {
    std::optional<Resource> found;
    TRY_VOID(
        db_.run("SELECT account, region, kind, name, body, origin, version FROM resources "
                "WHERE account = ?1 AND region = ?2 AND kind = ?3 AND name = ?4",
                {k.tenant.account, k.tenant.region, k.kind, k.name},
                [&](const Row& row) { found = resource(row); }));
    return found;
  }

  Result<std::vector<Resource>> list_all(const std::string& kinds) override {
    std::vector<Resource> all;
    TRY_VOID(
        db_.run("SELECT account, region, kind, name, body, origin, version FROM resources "
                "WHERE substr(kind, 1, length(?1)) = ?1 ORDER BY account, region, kind, name",
                {kinds}, [&](const Row& row) { all.push_back(resource(row)); }));
    return all;
  }

  Result<std::vector<Resource>> list(const std::string& kind, const Tenant& tenant) override {
    std::vector<Resource> all;
    TRY_VOID(
        db_.run("SELECT account, region, kind, name, body, origin, version FROM resources "
                "WHERE account = ?1 AND region = ?2 AND (?3 = '' OR kind = ?3) "
                "ORDER BY kind, name",
                {tenant.account, tenant.region, kind},
                [&](const Row& row) { all.push_back(resource(row)); }));
    return all;
  }

  Result<std::vector<Instance>> instances(const std::string& group) override {
    std::vector<Instance> all;
    TRY_VOID(db_.run(
        "SELECT id, scaling_group, body, account, region FROM instances "
        "WHERE ?1 = '' OR scaling_group = ?1 ORDER BY id",
        {group}, [&](const Row& row) {
          all.push_back({row.text(0), row.text(1), row.text(2), {row.text(3), row.text(4)}});
        }));
    return all;
  }

  Result<> append(const std::vector<Activity>& activities) override {
    TRY_VOID(db_.exec("PRAGMA synchronous = NORMAL"));
    Result<> done = db_.transaction([&]() -> Result<> {
      for (const Activity& a : activities) {
        TRY_VOID(db_.run(
            "INSERT INTO activities VALUES (NULL, ?1, ?2, ?3, ?4, ?5)",
            {a.tenant.account, a.tenant.region, a.group, a.at.time_since_epoch().count(), a.body}));
        TRY_VOID(db_.run(
            "DELETE FROM activities WHERE account = ?1 AND region = ?2 AND "
            "scaling_group = ?3 AND id <= (SELECT id FROM activities WHERE "
            "account = ?1 AND region = ?2 AND scaling_group = ?3 "
            "ORDER BY id DESC LIMIT 1 OFFSET ?4)",
            {a.tenant.account, a.tenant.region, a.group, static_cast<std::int64_t>(kHistory)}));
      }
      return {};
    });
    TRY_VOID(db_.exec("PRAGMA synchronous = FULL"));
    return done;
  }

  Result<std::vector<Activity>> activities(const std::string& group, std::size_t limit,
                                           const Tenant& tenant) override {
    std::vector<Activity> all;
    TRY_VOID(
        db_.run("SELECT scaling_group, at, body, id FROM activities WHERE account = ?1 AND "
                "region = ?2 AND scaling_group = ?3 ORDER BY id DESC LIMIT ?4",
                {tenant.account, tenant.region, group, static_cast<std::int64_t>(limit)},
                [&](const Row& row) {
                  all.push_back({row.text(0), WallTime(Duration(row.number(1))), row.text(2),
                                 row.number(3), tenant});
                }));
    return all;
  }

  Result<> append(const std::vector<Minute>& minutes) override {
    TRY_VOID(db_.exec("PRAGMA synchronous = NORMAL"));
    Result<> done = db_.transaction([&]() -> Result<> {
      for (const Minute& m : minutes) {
        const std::int64_t at =
            std::chrono::floor<std::chrono::minutes>(m.at.time_since_epoch()).count();
        TRY_VOID(db_.run("INSERT OR REPLACE INTO minutes VALUES (?1, ?2, ?3, ?4)",
                         {m.subject, m.metric, at,
                          static_cast<std::int64_t>(std::llround(m.value * kDecimals))}));
        TRY_VOID(db_.run("DELETE FROM minutes WHERE subject = ?1 AND metric = ?2 AND minute <= ?3",
                         {m.subject, m.metric, at - std::int64_t{kMinutes / 1min}}));
      }
      return {};
    });
    TRY_VOID(db_.exec("PRAGMA synchronous = FULL"));
    return done;
  }

  Result<> append(const std::vector<Point>& points) override {
    TRY_VOID(db_.exec("PRAGMA synchronous = NORMAL"));
    Result<> done = db_.transaction([&]() -> Result<> {
      for (const Point& point : points) {
        const std::int64_t at = minute_of(point.at);
        TRY_VOID(db_.run("INSERT OR IGNORE INTO metrics (name) VALUES (?1)", {point.metric}));
        TRY_VOID(
            db_.run("INSERT OR REPLACE INTO points SELECT id, ?2, ?3 FROM metrics "
                    "WHERE name = ?1",
                    {point.metric, at, millionths(point.value)}));
        TRY_VOID(
            db_.run("DELETE FROM points WHERE minute <= ?2 AND "
                    "metric = (SELECT id FROM metrics WHERE name = ?1)",
                    {point.metric, at - std::int64_t{kMinutes / 1min}}));
      }
      // Once a day those that have fallen silent, which reads the whole table.
      if (points.empty() || minute_of(points.front().at) % 1440 != 0) return {};
      const std::int64_t oldest = minute_of(points.front().at) - std::int64_t{kMinutes / 1min};
      TRY_VOID(db_.run("DELETE FROM points WHERE minute <= ?1", {oldest}));
      return db_.exec("DELETE FROM metrics WHERE id NOT IN (SELECT metric FROM points)");
    });
    TRY_VOID(db_.exec("PRAGMA synchronous = FULL"));
    return done;
  }

  Result<std::vector<Point>> points(const std::string& metric, WallTime from) override {
    std::vector<Point> all;
    TRY_VOID(
        db_.run("SELECT minute, value FROM points WHERE minute >= ?2 AND metric = "
                "(SELECT id FROM metrics WHERE name = ?1) ORDER BY minute",
                {metric, minute_of(from)}, [&](const Row& row) {
                  all.push_back({metric, WallTime(std::chrono::minutes(row.number(0))),
                                 static_cast<double>(row.number(1)) / kMillion});
                }));
    return all;
  }

  Result<std::vector<Minute>> minutes(const std::string& subject,
                                      const std::string& metric) override {
    std::vector<Minute> all;
    TRY_VOID(db_.run(
        "SELECT minute, value FROM minutes WHERE subject = ?1 AND metric = ?2 ORDER BY minute",
        {subject, metric}, [&](const Row& row) {
          all.push_back({subject, metric, WallTime(std::chrono::minutes(row.number(0))),
                         static_cast<double>(row.number(1)) / kDecimals});
        }));
    return all;
  }

 private:
  static constexpr double kDecimals = 1000;  // a value's
  static constexpr double kMillion = 1e6;

  static std::int64_t minute_of(WallTime t) {
    return std::chrono::floor<std::chrono::minutes>(t.time_since_epoch()).count();
  }
  static std::int64_t millionths(double value) {
    constexpr double kMost = 9e12;
    return std::llround(std::clamp(value, -kMost, kMost) * kMillion);
  }

  static Resource resource(const Row& row) {
    return {{{row.text(0), row.text(1)}, row.text(2), row.text(3)},
            row.text(4),
            row.text(5),
            static_cast<std::uint64_t>(row.number(6))};
  }

  Database db_;
  std::string id_;
};

}  // namespace

Result<std::unique_ptr<Store>> Store::open(const std::string& path) {
  if (path != kMemory) TRY_VOID(make_private(path));
  TRY(Database db, Database::open(path));
  TRY_VOID(take(db, path));
  TRY_VOID(migrate(db));
  TRY(auto id, draw_id(db));
  return std::make_unique<SqliteStore>(std::move(db), std::move(id));
}

}  // namespace weir::state
