// bench_load: load generator and backend in one process, driven by lines on standard input.
//
// At start it prints the ports of its backends: {"ports":[41001,41002]}. Each command is answered
// by one line of JSON. It ends with its input.
//
//   run mode=closed port=8080 path=/ post=1 connections=64 warm=1 seconds=5 pids=12,34
//   run mode=fresh tls=1 resume=1 ...     a connection for each request; TLS sessions resumed
//   run mode=open rate=20000 ...          latency counts from when a request was due
//   run mode=sse path=/sse connections=1000 ...
//   hold mode=idle connections=9000 ...   opens, asks once on each, and keeps them until `close`;
//                                         measured is the opening; mode=sse holds streams;
//                                         within=30: seconds in which all must stand
//   close                                 says what the held ones have seen since
//   cpu 12,34                             CPU times of these processes, for other load generators
#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <map>
#include <optional>
#include <sstream>
#include <string>

#include "bench/backend.h"
#include "bench/cpu.h"
#include "bench/loop.h"
#include "bench/traffic.h"

namespace weir::bench {
namespace {

constexpr int kBackends = 2;
constexpr std::uint64_t kMaxErrors = 10'000;  // then it is no use to go on

// Standard input as lines.
class Commands final : public Ready {
 public:
  explicit Commands(Loop& loop) : input_(0) { loop.watch(input_, *this); }
  void on_ready(std::uint32_t events) override {
    readable_ = true;
    ended_ = ended_ || (events & (EPOLLHUP | EPOLLRDHUP)) != 0;
  }

  // Waits; nothing at the end of the input. The loop turns meanwhile: the backend must go on.
  std::optional<std::string> next(Loop& loop, Traffic* held) {
    for (;;) {
      const std::size_t end = text_.find('\n');
      if (end != std::string::npos) {
        std::string line = text_.substr(0, end);
        text_.erase(0, end + 1);
        return line;
      }
      while (!readable_) loop.turn(held ? held->tick(loop.now()) : kNever);
      readable_ = ended_;  // the end is told only once
      std::array<char, 4096> piece;
      const ssize_t got = ::read(input_.get(), piece.data(), piece.size());
      if (got <= 0) return std::nullopt;
      text_.append(piece.data(), static_cast<std::size_t>(got));
    }
  }

 private:
  Fd input_;
  bool readable_ = false;
  bool ended_ = false;
  std::string text_;
};

struct Spec {
  std::string mode = "closed";
  bool hold = false;
  Target target;
  double rate = 0;        // open loop: requests a second
  Duration within = 30s;  // all connections must stand
  Duration warm = 1s;
  Duration measured = 5s;
  std::vector<int> pids;  // whose CPU time to measure
};

Result<double> to_number(const std::string& key, const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) {
    return fail(Code::invalid, fmt::format("{}: not a number: {}", key, text));
  }
  return value;
}

Result<std::vector<int>> to_pids(const std::string& text) {
  std::vector<int> pids;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    TRY(const double pid, to_number("pids", part));
    pids.push_back(static_cast<int>(pid));
  }
  return pids;
}

Result<Spec> parse_spec(std::istringstream& words) {
  Spec spec;
  for (std::string word; words >> word;) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) return fail(Code::invalid, "not key=value: " + word);
    const std::string key = word.substr(0, equals);
    const std::string value = word.substr(equals + 1);
    if (key == "mode") {
      spec.mode = value;
    } else if (key == "path") {
      spec.target.path = value;
    } else if (key == "pids") {
      TRY(spec.pids, to_pids(value));
    } else {
      TRY(const double number, to_number(key, value));
      if (key == "port") {
        spec.target.port = static_cast<std::uint16_t>(number);
      } else if (key == "connections") {
        spec.target.connections = static_cast<std::size_t>(number);
      } else if (key == "post") {
        spec.target.post = number != 0;
      } else if (key == "tls") {
        spec.target.tls = number != 0;
      } else if (key == "resume") {
        spec.target.resume = number != 0;
      } else if (key == "rate") {
        spec.rate = number;
      } else if (key == "within") {
        spec.within = from_seconds(number);
      } else if (key == "warm") {
        spec.warm = from_seconds(number);
      } else if (key == "seconds") {
        spec.measured = from_seconds(number);
      } else {
        return fail(Code::invalid, "unknown key: " + key);
      }
    }
  }
  if (spec.target.port == 0) return fail(Code::invalid, "port: missing");
  if (spec.target.connections == 0) return fail(Code::invalid, "connections: must not be 0");
  return spec;
}

Result<std::unique_ptr<Traffic>> make_traffic(Loop& loop, const Spec& spec) {
  if (spec.mode == "closed") return closed_loop(loop, spec.target);
  if (spec.mode == "fresh") return fresh_connections(loop, spec.target);
  if (spec.mode == "sse") return event_streams(loop, spec.target);
  if (spec.mode == "idle") return idle_connections(loop, spec.target);
  if (spec.mode != "open") return fail(Code::invalid, "unknown mode: " + spec.mode);
  if (spec.rate <= 0) return fail(Code::invalid, "rate: missing");
  return open_loop(loop, spec.target, spec.rate);
}

template <class Stop>
void turn_until(Loop& loop, Traffic& traffic, Time limit, Stop stop) {
  for (Time now = loop.now(); now < limit && !stop(); now = loop.now()) {
    loop.turn(std::min(limit, traffic.tick(now)));
  }
}

// What the measured time has seen, and the CPU that it cost.
std::string report(const Tally& tally, const CpuTimes& used, Duration elapsed,
                   std::uint64_t events_skipped) {
  const double time = seconds(elapsed);
  const double answers = static_cast<double>(std::max<std::uint64_t>(tally.answers, 1));
  const double ticks = used.user + used.system;
  const auto us = [](Duration d) { return seconds(d) * 1e6; };
  const auto percent = [time](double cpu) { return 100 * cpu / time; };
  // Single quotes keep the text within its JSON string.
  std::string first_error = tally.first_error;
  std::replace(first_error.begin(), first_error.end(), '"', '\'');
  return fmt::format(
      R"({{"seconds":{:.4f},"answers":{},"errors":{},"first_error":"{}","events_skipped":{},)"
      R"("rps":{:.1f},"body_bytes_per_second":{:.0f},"cpu_us_per_request":{:.4f},)"
      R"("user_share":{:.4f},"p50_us":{:.2f},"p90_us":{:.2f},"p99_us":{:.2f},"max_us":{:.1f},)"
      R"("proxy_percent":{:.2f},"load_percent":{:.2f},"foreign_percent":{:.2f},)"
      R"("steal_percent":{:.2f}}})",
      time, tally.answers, tally.errors, first_error, events_skipped,
      static_cast<double>(tally.answers) / time, static_cast<double>(tally.body_bytes) / time,
      used.proxy / answers * 1e6, ticks > 0 ? used.user / ticks : 0.0,
      us(tally.latency.percentile(0.5)), us(tally.latency.percentile(0.9)),
      us(tally.latency.percentile(0.99)), us(tally.latency.max()), percent(used.proxy),
      percent(used.own), percent(used.machine - used.proxy - used.own), percent(used.stolen));
}

// Runs the traffic; of what is to be held, the time until it stands is what is measured.
std::string measure(Loop& loop, Backend& backend, const Spec& spec, Traffic& traffic) {
  Tally& tally = traffic.tally();
  const auto hopeless = [&] { return tally.errors >= kMaxErrors; };
  CpuTimes before = read_cpu_times(loop.clock(), spec.pids);
  std::uint64_t skipped_before = backend.events_skipped();

  traffic.start();
  turn_until(loop, traffic, loop.now() + spec.within,
             [&] { return traffic.ready() || hopeless(); });
  if (!traffic.ready()) tally.add_error("connections did not come up");
  const std::uint64_t start_errors = tally.errors;
  const std::string start_error = tally.first_error;
  if (!spec.hold) {
    turn_until(loop, traffic, loop.now() + spec.warm, hopeless);
    tally = Tally();
    before = read_cpu_times(loop.clock(), spec.pids);
    skipped_before = backend.events_skipped();
    turn_until(loop, traffic, before.taken + spec.measured, hopeless);
    // What went wrong before the measured time is wrong too.
    tally.errors += start_errors;
    if (!start_error.empty()) tally.first_error = start_error;
  }
  const CpuTimes after = read_cpu_times(loop.clock(), spec.pids);
  return report(tally, after - before, after.taken - before.taken,
                backend.events_skipped() - skipped_before);
}

// Traffic that stands while others measure; watched from the time at which it stood.
class Held {
 public:
  Held(Loop& loop, Backend& backend, Spec spec, std::unique_ptr<Traffic> traffic)
      : loop_(loop),
        backend_(backend),
        spec_(std::move(spec)),
        traffic_(std::move(traffic)),
        before_(read_cpu_times(loop.clock(), spec_.pids)),
        skipped_before_(backend.events_skipped()) {
    traffic_->tally() = Tally();
  }

  Traffic& traffic() { return *traffic_; }
  std::string close() {
    if (!traffic_->ready()) traffic_->tally().add_error("not all connections stand any more");
    const CpuTimes after = read_cpu_times(loop_.clock(), spec_.pids);
    return report(traffic_->tally(), after - before_, after.taken - before_.taken,
                  backend_.events_skipped() - skipped_before_);
  }

 private:
  Loop& loop_;
  Backend& backend_;
  const Spec spec_;
  const std::unique_ptr<Traffic> traffic_;
  const CpuTimes before_;
  const std::uint64_t skipped_before_;
};

std::string cpu_report(const CpuTimes& times) {
  return fmt::format(
      R"({{"taken":{:.6f},"proxy":{:.6f},"user":{:.6f},"system":{:.6f},"own":{:.6f},)"
      R"("machine":{:.6f},"stolen":{:.6f}}})",
      seconds(times.taken.time_since_epoch()), times.proxy, times.user, times.system, times.own,
      times.machine, times.stolen);
}

// Every line must reach its reader at once.
void say(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

Result<> serve() {
  Loop loop(system_clock());
  Backend backend(loop);
  std::array<std::uint16_t, kBackends> ports{};
  for (std::uint16_t& port : ports) {
    TRY(port, backend.listen());
  }
  say(fmt::format(R"({{"ports":[{}]}})", fmt::join(ports, ",")));

  Commands commands(loop);
  std::optional<Held> held;
  while (const auto line = commands.next(loop, held ? &held->traffic() : nullptr)) {
    std::istringstream words(*line);
    std::string verb;
    words >> verb;
    if (verb == "cpu") {
      std::string list;
      words >> list;
      TRY(const auto pids, to_pids(list));
      say(cpu_report(read_cpu_times(loop.clock(), pids)));
      continue;
    }
    if (verb == "close") {
      say(held ? held->close() : "{}");
      held.reset();
      continue;
    }
    held.reset();
    if (verb != "run" && verb != "hold") return fail(Code::invalid, "unknown command: " + *line);
    TRY(Spec spec, parse_spec(words));
    spec.hold = verb == "hold";
    TRY(auto traffic, make_traffic(loop, spec));
    const std::string measured = measure(loop, backend, spec, *traffic);
    if (spec.hold) held.emplace(loop, backend, spec, std::move(traffic));
    say(measured);
  }
  return {};
}

// 9,000 connections have two ends here; the default is 1,024 descriptors.
void allow_many_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace
}  // namespace weir::bench

int main() {
  weir::bench::allow_many_descriptors();
  // Timers of the open loop to the microsecond; the default is 50 us late.
  ::prctl(PR_SET_TIMERSLACK, 1);
  const auto served = weir::bench::serve();
  if (served) return 0;
  fmt::print(stderr, "bench_load: {}\n", served.error().message);
  return 2;
}
