// schema: the tables, as the steps that made them. Never edit a step that was released: add one.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace weir::state {

inline constexpr std::int64_t kApplicationId = 0x77656972;  // "weir"

// Step n brings version n to version n + 1; a new file takes them all.
inline constexpr std::array<std::string_view, 4> kMigrations = {
    R"(CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID, STRICT;
       CREATE TABLE resources (
         account TEXT NOT NULL, region TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
         body TEXT NOT NULL, origin TEXT NOT NULL, version INTEGER NOT NULL,
         PRIMARY KEY (account, region, kind, name)) WITHOUT ROWID, STRICT;
       CREATE TABLE instances (
         id TEXT PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL,
         scaling_group TEXT NOT NULL, body TEXT NOT NULL) WITHOUT ROWID, STRICT;)",

    R"(CREATE TABLE activities (
         id INTEGER PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL,
         scaling_group TEXT NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
       CREATE INDEX activities_by_group ON activities (account, region, scaling_group, id);)",

    // A minute is counted from the epoch; a value is in thousandths.
    R"(CREATE TABLE minutes (
         subject TEXT NOT NULL, metric TEXT NOT NULL, minute INTEGER NOT NULL,
         value INTEGER NOT NULL, PRIMARY KEY (subject, metric, minute)) WITHOUT ROWID, STRICT;)",

    // Of every metric, so their names stand once and a point is some 16 bytes. A value is in
    // millionths.
    R"(CREATE TABLE metrics (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
       CREATE TABLE points (
         metric INTEGER NOT NULL, minute INTEGER NOT NULL, value INTEGER NOT NULL,
         PRIMARY KEY (metric, minute)) WITHOUT ROWID, STRICT;)",
};

inline constexpr std::int64_t kSchema = kMigrations.size();

}  // namespace weir::state
