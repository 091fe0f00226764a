#include "cli/playing.h"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "base/units.h"
#include "cli/loading.h"
#include "simulate/trace_reader.h"

namespace weir::cli {
namespace {

Result<double> share_of(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value > 0 && value <= 1)) {
    return fail(Code::invalid, fmt::format("--share {}: write a number above 0, at most 1", text));
  }
  return value;
}

Result<Duration> unit_of(const std::string& text) {
  for (const auto& [name, unit] :
       {std::pair{"s", Duration(1s)}, {"ms", 1ms}, {"us", 1us}, {"ns", 1ns}}) {
    if (text == name) return unit;
  }
  return fail(Code::invalid, fmt::format("--time-unit {}: write s, ms, us or ns", text));
}

// Nothing was given: it stays as it is.
Result<> set(Duration& value, const std::string& option, const std::string& text) {
  if (text.empty()) return {};
  const auto given = parse_duration(text);
  if (!given || *given < 0s) {
    return fail(Code::invalid, fmt::format("{} {}: write a duration such as 30s", option, text));
  }
  value = *given;
  return {};
}

Result<> set(std::uint32_t& value, const std::string& option, const std::string& text) {
  if (text.empty()) return {};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return fail(Code::invalid, fmt::format("{} {}: write a whole number", option, text));
  }
  return {};
}

template <class T>
std::optional<T> complain(const Error& error, Shell& shell) {
  shell.err << "weir: " << error.message << "\n";
  return std::nullopt;
}

}  // namespace

void Playing::declare(Arguments& arguments) {
  arguments.required("FILE", path_, "configuration: a YAML file, or a folder of them");
  arguments.option("--trace", trace_,
                   "requests: CSV with a header (time, and cost or input_tokens, output_tokens), "
                   "JSON lines, or weir's access log; - for standard input");
  arguments.option("--group", group_, "scaling group; needed where there are several");
  arguments.option("--slo", slo_, "goal: p95<2s, \"first_byte p99<500ms\" or \"wait p95<1s\"");
  arguments.option("--start-time", start_time_, "of an instance, for simulation.groups of FILE");
  arguments.option("--service-time", service_time_, "of a request without cost, likewise");
  arguments.option("--slots", slots_, "requests that an instance works on at once, likewise");
  arguments.option("--skip", skip_, "so much of the begin is played and not judged: 15m");
  arguments.option("--share", share_, "of the trace's requests, drawn by chance: 0.1");
  arguments.option("--time-unit", unit_, "of times that are plain numbers: s, ms, us, ns");
  arguments.option("--seed", seed_, "of all chance");
}

Result<> Playing::assume(simulate::Scenario& scenario) const {
  TRY_VOID(set(scenario.model.start_time, "--start-time", start_time_));
  TRY_VOID(set(scenario.model.service_time, "--service-time", service_time_));
  TRY_VOID(set(scenario.model.slots, "--slots", slots_));
  TRY_VOID(set(scenario.skip, "--skip", skip_));
  scenario.modelled = scenario.modelled || !start_time_.empty() || !service_time_.empty();
  scenario.seed = seed_;
  if (slo_.empty()) return {};
  TRY(scenario.goal, parse_latency_goal(slo_));
  return {};
}

std::optional<simulate::Scenario> Playing::scenario(Shell& shell) const {
  return scenario(path_, shell);
}

std::optional<simulate::Scenario> Playing::scenario(const std::string& path, Shell& shell) const {
  const auto desired = load_or_complain(path, shell);
  if (!desired) return std::nullopt;
  auto made =
      simulate::scenario_of(*desired, std::filesystem::path(path).filename().string(), group_);
  if (!made)
    return complain<simulate::Scenario>(
        Error(made.error().code, path + ": " + made.error().message), shell);
  if (const auto done = assume(*made); !done) {
    return complain<simulate::Scenario>(done.error(), shell);
  }
  return std::move(*made);
}

Result<std::string> Playing::read() const {
  if (trace_.empty()) {
    return fail(Code::invalid, "no trace: --trace requests.csv, or - for standard input");
  }
  std::string text;
  if (trace_ == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
  } else {
    std::ifstream file(trace_, std::ios::binary);
    std::ostringstream all;
    if (!file || !(all << file.rdbuf())) {
      return fail(Code::not_found, fmt::format("{}: {}", trace_, std::strerror(errno)));
    }
    text = std::move(all).str();
  }
  if (text.starts_with("\x1f\x8b")) {
    return fail(Code::invalid,
                fmt::format("{0} is compressed: zcat {0} | weir ... --trace -", trace_));
  }
  return text;
}

std::optional<simulate::RequestTrace> Playing::trace(const simulate::Scenario& scenario,
                                                     Shell& shell) const {
  using Trace = simulate::RequestTrace;
  const auto share = share_of(share_);
  if (!share) return complain<Trace>(share.error(), shell);
  const auto unit = unit_of(unit_);
  if (!unit) return complain<Trace>(unit.error(), shell);
  const auto text = read();
  if (!text) return complain<Trace>(text.error(), shell);
  const std::string name =
      trace_ == "-" ? "standard input" : std::filesystem::path(trace_).filename().string();
  simulate::ReadTrace read =
      simulate::read_trace(name, *text, {*unit, *share, seed_, scenario.scaling.target_groups});
  for (const config::Mistake& mistake : read.mistakes) shell.err << to_string(mistake) << "\n";
  if (!read.good()) return std::nullopt;
  return std::move(read.trace);
}

}  // namespace weir::cli
