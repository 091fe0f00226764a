#include "simulate/trace_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/hash.h"
#include "base/random.h"
#include "base/text.h"
#include "config/json.h"
#include "simulate/trace_columns.h"

namespace weir::simulate {
namespace {

using config::Mistake;

constexpr std::size_t kKeyBlocks = 4;

std::string_view next_line(std::string_view& text) {
  std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// One cell of a CSV line: plain, or in double quotes where "" is a quote (RFC 4180).
std::string next_cell(std::string_view& line) {
  line = line.substr(std::min(line.find_first_not_of(" \t"), line.size()));
  std::string cell;
  if (!line.starts_with('"')) {
    const auto end = std::min(line.find(','), line.size());
    cell = trim(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
    return cell;
  }
  std::size_t i = 1;
  for (; i < line.size(); ++i) {
    if (line[i] != '"') {
      cell += line[i];
    } else if (i + 1 < line.size() && line[i + 1] == '"') {
      cell += line[i++];
    } else {
      break;
    }
  }
  const auto end = std::min(line.find(',', std::min(i, line.size())), line.size());
  line.remove_prefix(std::min(end + 1, line.size()));
  return cell;
}

std::string text_of(const config::Node& node) {
  if (node.kind == config::Node::Kind::scalar) return node.text;
  std::string all;
  for (const config::Node& item : node.items) all += text_of(item) + " ";
  return all;
}

// Of the first blocks: they tell one conversation from another, behind a prompt that all have.
std::uint64_t begin_of(const std::vector<std::uint64_t>& prefix) {
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < std::min(prefix.size(), kKeyBlocks); ++i) {
    key = hash_mix(key, prefix[i]);
  }
  return key;
}

class Reader {
 public:
  Reader(std::string name, const TraceOptions& options) : options_(options), random_(options.seed) {
    out_.trace.name = std::move(name);
  }

  ReadTrace read(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // a byte order mark
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) {
      complain("", "is empty", "write a header such as time,cost and a line for each request");
      return std::move(out_);
    }
    if (text[first] == '{') {
      read_json(text);
    } else {
      read_csv(text);
    }
    if (out_.good()) finish();
    return std::move(out_);
  }

 private:
  struct Rate {
    double at;  // seconds
    double per_second;
  };

  bool enough() const { return full_ || out_.mistakes.size() >= kMostMistakes; }

  void complain(std::string column, std::string what, std::string remedy) {
    if (out_.mistakes.size() >= kMostMistakes) return;
    out_.mistakes.push_back({out_.trace.name, line_, line_ > 0 ? column_ : 0, std::move(column),
                             std::move(what), std::move(remedy)});
  }

  // ---------------------------------------------------------------- CSV

  void read_csv(std::string_view text) {
    std::vector<Column> columns;
    std::vector<std::string> names;
    while (!text.empty() && !enough()) {
      ++line_;
      const std::string_view whole = next_line(text);
      std::string_view line = whole;
      column_ = 1;
      if (trim(line).empty() || line.starts_with('#')) continue;
      if (columns.empty()) {
        while (!line.empty()) {
          names.push_back(next_cell(line));
          columns.push_back(column_of(names.back()));
        }
        if (!check_header(columns, names)) return;
        continue;
      }
      Row row;
      std::size_t i = 0;
      for (; !line.empty() && i < columns.size(); ++i) {
        column_ = static_cast<int>(whole.size() - line.size()) + 1;
        read(columns[i], names[i], next_cell(line), row);
      }
      column_ = 1;
      if (!line.empty()) {
        complain("", fmt::format("has more than the {} cells of the header", columns.size()),
                 "put quotes around a cell that has a comma in it");
      }
      add(row);
    }
  }

  bool check_header(const std::vector<Column>& columns, const std::vector<std::string>& names) {
    if (std::ranges::find(columns, Column::time) != columns.end()) return true;
    std::string all;
    for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
    complain("time", fmt::format("no column has this name; there are {}", all),
             "begin the file with a header such as time,cost or time,input_tokens,output_tokens");
    return false;
  }

  // ---------------------------------------------------------------- JSON lines

  void read_json(std::string_view text) {
    while (!text.empty() && !enough()) {
      ++line_;
      const std::string_view line = trim(next_line(text));
      if (line.empty()) continue;
      config::Findings findings;
      const config::Node node = config::parse_json(line, 0, findings);
      if (!findings.empty() || node.kind != config::Node::Kind::map) {
        complain("", "is not a JSON object", "write one object a line: {\"time\": 0.5}");
        continue;
      }
      Row row;
      for (const config::Entry& entry : node.entries) {
        const Column column = column_of(entry.key);
        if (column != Column::none) read(column, entry.key, text_of(entry.value), row);
      }
      add(row);
    }
  }

  // ---------------------------------------------------------------- rows

  void read(Column column, const std::string& name, std::string_view text, Row& row) {
    if (column == Column::none || enough()) return;
    const auto done = read_cell(column, text, row);
    if (done) return;
    bad_ = true;
    complain(name, done.error().message,
             column == Column::time ? "write seconds, or a time such as 2026-11-21T06:25:00Z" : "");
  }

  void add(const Row& row) {
    if (std::exchange(bad_, false) || enough()) return;
    if (!row.time && !row.wall) {
      return complain("time", "is missing",
                      "write seconds, or a time such as 2026-11-21T06:25:00Z");
    }
    if (row.wall ? plain_ : walls_) {
      return complain("time", "is a date where others are numbers, or the other way round",
                      "write all of them in one way");
    }
    const double at =
        row.wall ? seconds(row.wall->time_since_epoch()) : *row.time * seconds(options_.unit);
    (row.wall ? walls_ : plain_) = true;
    if (std::abs(at) > 9e9) {
      return complain("time", "is out of range", "say what the numbers count: --time-unit ms");
    }
    if (row.rate) return rates_.push_back({at, *row.rate * options_.share});
    if (!wanted(row)) return;
    if (out_.trace.requests.size() >= options_.most) {
      full_ = true;
      return complain("", fmt::format("more than {} requests", options_.most),
                      "take a part of them: --share 0.1");
    }
    Request request = request_of(row);
    request.at = row.wall ? row.wall->time_since_epoch() : from_seconds(at);
    out_.trace.requests.push_back(std::move(request));
  }

  bool wanted(const Row& row) {
    const bool named = !row.group.empty() || row.total;  // what an access log says of weir itself
    if (named && !options_.groups.empty() &&
        std::ranges::find(options_.groups, row.group) == options_.groups.end()) {
      ++out_.trace.of_others;
      return false;
    }
    return options_.share >= 1 || random_.unit() < options_.share;
  }

  Request request_of(const Row& row) {
    Request request;
    request.cost = row.cost;
    if (!row.cost && row.total) {
      request.cost = std::max(*row.total - row.waited.value_or(0s), Duration(0));
    }
    request.input_tokens = row.input_tokens;
    request.output_tokens = row.output_tokens;
    request.prefix = row.prefix;
    request.key = row.key ? *row.key : row.prefix.empty() ? random_() : begin_of(row.prefix);
    auto& classes = out_.trace.classes;
    const auto found = std::ranges::find(classes, row.priority_class);
    request.kind = static_cast<std::uint32_t>(found - classes.begin());
    if (found == classes.end()) classes.push_back(row.priority_class);
    return request;
  }

  // ---------------------------------------------------------------- the whole

  void finish() {
    if (!rates_.empty() && !out_.trace.requests.empty()) {
      line_ = 0;
      return complain("requests_per_second", "is said of some lines and not of others",
                      "say it of all: then requests are drawn, or of none");
    }
    if (!rates_.empty()) draw();
    auto& requests = out_.trace.requests;
    if (requests.empty() && out_.good()) {
      line_ = 0;
      return complain("", "no request is left to play",
                      out_.trace.of_others > 0
                          ? "its requests are of other target groups: choose another --group"
                          : "write at least one line below the header, or raise --share");
    }
    if (!out_.good()) return;
    std::ranges::stable_sort(requests, {}, &Request::at);
    if (rates_.empty()) {
      const Duration first = requests.front().at;
      if (walls_) out_.trace.began = WallTime(first);
      for (Request& request : requests) request.at -= first;
      out_.trace.length = requests.back().at;
    }
    if (out_.trace.classes.empty()) out_.trace.classes.emplace_back();
  }

  void draw() {
    std::ranges::stable_sort(rates_, {}, &Rate::at);
    const double begin = rates_.front().at;
    if (walls_) out_.trace.began = WallTime(from_seconds(begin));
    const auto& last = rates_.back();
    const double end = last.at + (rates_.size() > 1 ? last.at - rates_[rates_.size() - 2].at : 60);
    rates_.push_back({end, 0});
    double expected = 0;
    for (std::size_t i = 0; i + 1 < rates_.size(); ++i) {
      expected += rates_[i].per_second * (rates_[i + 1].at - rates_[i].at);
    }
    if (expected > static_cast<double>(options_.most)) {
      line_ = 0;
      return complain(
          "", fmt::format("its rates make {:.3g} requests, more than {}", expected, options_.most),
          fmt::format("take a part of them: --share {:.1g}",
                      options_.share * static_cast<double>(options_.most) / 2 / expected));
    }
    for (std::size_t i = 0; i + 1 < rates_.size(); ++i) {
      draw(rates_[i].at - begin, rates_[i + 1].at - begin, rates_[i].per_second);
    }
    out_.trace.length = from_seconds(end - begin);
  }

  // From `from` to `to`, in seconds.
  void draw(double from, double to, double rate) {
    if (rate <= 0) return;
    for (double at = from - std::log(1 - random_.unit()) / rate; at < to;
         at -= std::log(1 - random_.unit()) / rate) {
      Request request;
      request.at = from_seconds(at);
      request.key = random_();
      out_.trace.requests.push_back(std::move(request));
    }
  }

  const TraceOptions& options_;
  Random random_;
  ReadTrace out_;
  int line_ = 0, column_ = 1;  // of what is being read; line 0: the whole
  bool bad_ = false;           // of this row, something could not be read
  bool full_ = false;          // nothing more is read
  bool walls_ = false;         // a time was a date
  bool plain_ = false;         // a time was a number
  std::vector<Rate> rates_;
};

}  // namespace

ReadTrace read_trace(std::string name, std::string_view text, const TraceOptions& options) {
  return Reader(std::move(name), options).read(text);
}

}  // namespace weir::simulate
