// LOG(warn, "endpoint ejected", {"group", name}, {"failures", 3}): a constant sentence and its
// fields. Any thread. Asynchronous with a bounded queue: a full one drops the oldest and counts.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace weir {

enum class LogLevel { debug, info, warn, error };

struct LogField {
  LogField(std::string_view k, std::string v) : key(k), value(std::move(v)) {}
  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const char* v) : key(k), value(v) {}
  LogField(std::string_view k, bool v) : key(k), value(v ? "true" : "false"), bare(true) {}
  template <class N>
    requires(std::integral<N> && !std::same_as<N, bool>)
  LogField(std::string_view k, N v) : key(k), value(std::to_string(v)), bare(true) {}
  LogField(std::string_view k, double v);

  std::string_view key;
  std::string value;
  bool bare = false;  // a number or truth value: no quotes in JSON
};

struct LogOptions {
  LogLevel level = LogLevel::info;
  bool json = false;
  std::string file;  // empty: standard error
};

// Once, before threads start; the default is readable text at info on standard error.
void start_logging(const LogOptions& options);
// Waits until what was logged has been written, at most two seconds.
void flush_log();
// Lines lost to a full queue since the start.
std::uint64_t dropped_log_lines();
bool log_enabled(LogLevel level);
void log_write(LogLevel level, std::string_view folder, std::string_view sentence,
               std::initializer_list<LogField> fields);

}  // namespace weir

// The folder of the source file names the logger.
#define LOG(level, sentence, ...)                                                          \
  do {                                                                                     \
    if (::weir::log_enabled(::weir::LogLevel::level))                                      \
      ::weir::log_write(::weir::LogLevel::level, ::weir::log_folder(__FILE__), (sentence), \
                        {__VA_ARGS__});                                                    \
  } while (false)

namespace weir {
constexpr std::string_view log_folder(std::string_view file) {
  const auto slash = file.rfind('/');
  if (slash == std::string_view::npos) return "weir";
  file = file.substr(0, slash);
  return file.substr(file.rfind('/') + 1);
}
}  // namespace weir
