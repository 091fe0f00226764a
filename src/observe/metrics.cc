#include "observe/metrics.h"

#include <fmt/format.h>

#include <cmath>
#include <tuple>

namespace weir::observe {
namespace {

// Prometheus sees each power of two from 256 us up; percentiles read all buckets.
constexpr int kFirstBound = 8;  // 2^8 us
constexpr int kLastBound = 30;  // 2^30 us, 18 min

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

std::string braces(const Family& family, const Labels& labels, std::string_view extra = {}) {
  std::string out;
  std::size_t i = 0;
  for (const char* name : family.labels) {
    out += fmt::format("{}{}=\"{}\"", out.empty() ? "" : ",", name,
                       i < labels.size() ? escape(labels[i]) : "");
    ++i;
  }
  if (!extra.empty()) out += fmt::format("{}{}", out.empty() ? "" : ",", extra);
  return out.empty() ? out : "{" + out + "}";
}

std::string number(double value) {
  if (value == std::floor(value) && std::abs(value) < 1e15) return fmt::format("{:.0f}", value);
  return fmt::format("{}", value);
}

void head(std::string& out, const Family& family, std::string_view kind) {
  out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", family.name, family.help, family.name, kind);
}

}  // namespace

Duration Histogram::bound(std::size_t i) {
  ++i;  // the lower bound of the next
  if (i < kSub) return std::chrono::microseconds(i);
  const std::size_t exponent = i / kSub + 2;
  const std::uint64_t us = (std::uint64_t{kSub} + i % kSub) << (exponent - 3);
  return std::chrono::microseconds(us);
}

std::uint64_t Distribution::count() const {
  std::uint64_t total = 0;
  for (const std::uint64_t n : buckets) total += n;
  return total;
}

void Distribution::add(const Histogram& histogram) {
  for (std::size_t i = 0; i < buckets.size(); ++i) buckets[i] += histogram.bucket(i);
  sum_us += histogram.sum_us();
}

Distribution Distribution::since(const Distribution& earlier) const {
  Distribution difference = *this;
  for (std::size_t i = 0; i < buckets.size(); ++i) difference.buckets[i] -= earlier.buckets[i];
  difference.sum_us -= earlier.sum_us;
  return difference;
}

Duration Distribution::percentile(double share) const {
  const std::uint64_t total = count();
  if (total == 0) return 0ns;
  const auto want = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(total)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    seen += buckets[i];
    if (seen >= want && seen > 0) return Histogram::bound(i);
  }
  return Histogram::bound(buckets.size() - 1);
}

std::size_t Sheet::hash_of(const Family& family, const Labels& labels) {
  std::size_t hash = std::hash<const Family*>()(&family);
  for (const std::string& label : labels) {
    hash = hash * 1099511628211u + std::hash<std::string>()(label);
  }
  return hash;
}

template <class Cell>
const Sheet::Row<Cell>* Sheet::Table<Cell>::find(const Family& family, const Labels& labels,
                                                 std::size_t hash) const {
  const auto [begin, end] = index.equal_range(hash);
  for (auto i = begin; i != end; ++i) {
    if (i->second->family == &family && i->second->labels == labels) return i->second;
  }
  return nullptr;
}

template <class Cell>
Cell& Sheet::Table<Cell>::cell(const Family& family, Labels labels) {
  const std::size_t hash = hash_of(family, labels);
  if (const Row<Cell>* known = find(family, labels, hash))
    return const_cast<Row<Cell>*>(known)->cell;
  Row<Cell>& row = rows.emplace_back();
  row.family = &family;
  row.labels = std::move(labels);
  index.emplace(hash, &row);
  return row.cell;
}

Counter& Sheet::counter(const Family& family, Labels labels) {
  const std::lock_guard lock(mutex_);
  return counters_.cell(family, std::move(labels));
}

Histogram& Sheet::histogram(const Family& family, Labels labels) {
  const std::lock_guard lock(mutex_);
  return histograms_.cell(family, std::move(labels));
}

void Samples::add(const Family& family, Labels labels, double value) {
  auto& row = rows_[family.name];
  row.first = &family;
  row.second[std::move(labels)] += value;
}

Sheet& Registry::sheet() {
  const std::lock_guard lock(mutex_);
  sheets_.push_back(Sheet(mutex_));
  return sheets_.back();
}

void Registry::collect(std::function<void(Samples&)> collector) {
  const std::lock_guard lock(mutex_);
  collectors_.push_back(std::move(collector));
}

std::string Registry::prometheus() const {
  Samples samples;
  std::map<std::string_view, std::pair<const Family*, std::map<Labels, Distribution>>> histograms;
  std::vector<std::function<void(Samples&)>> collectors;
  {
    const std::lock_guard lock(mutex_);
    collectors = collectors_;
    for (const Sheet& sheet : sheets_) {
      for (const auto& row : sheet.counters_.rows) {
        samples.add(*row.family, row.labels, static_cast<double>(row.cell.value()));
      }
      for (const auto& row : sheet.histograms_.rows) {
        auto& entry = histograms[row.family->name];
        entry.first = row.family;
        entry.second[row.labels].add(row.cell);
      }
    }
  }
  for (const auto& collector : collectors) collector(samples);

  std::string out;
  for (const auto& [name, entry] : samples.rows_) {
    head(out, *entry.first, entry.first->kind == Kind::counter ? "counter" : "gauge");
    for (const auto& [labels, value] : entry.second) {
      out += fmt::format("{}{} {}\n", name, braces(*entry.first, labels), number(value));
    }
  }
  for (const auto& [name, entry] : histograms) {
    head(out, *entry.first, "histogram");
    for (const auto& [labels, sum] : entry.second) {
      std::uint64_t below = 0;
      std::size_t i = 0;
      for (int power = kFirstBound; power <= kLastBound; ++power) {
        const Duration bound = std::chrono::microseconds(std::uint64_t{1} << power);
        while (i < sum.buckets.size() && Histogram::bound(i) <= bound) below += sum.buckets[i++];
        const std::string le = fmt::format("le=\"{}\"", seconds(bound));
        out += fmt::format("{}_bucket{} {}\n", name, braces(*entry.first, labels, le), below);
      }
      const std::uint64_t count = sum.count();
      out +=
          fmt::format("{}_bucket{} {}\n", name, braces(*entry.first, labels, "le=\"+Inf\""), count);
      out += fmt::format("{}_sum{} {}\n", name, braces(*entry.first, labels),
                         static_cast<double>(sum.sum_us) / 1e6);
      out += fmt::format("{}_count{} {}\n", name, braces(*entry.first, labels), count);
    }
  }
  return out;
}

Distribution Registry::distribution(const Family& family, const Labels& labels) const {
  Distribution sum;
  const std::lock_guard lock(mutex_);
  for (const Sheet& sheet : sheets_) {
    const auto* row = sheet.histograms_.find(family, labels, Sheet::hash_of(family, labels));
    if (row) sum.add(row->cell);
  }
  return sum;
}

std::uint64_t Registry::total(const Family& family, const Labels& labels) const {
  std::uint64_t sum = 0;
  const std::lock_guard lock(mutex_);
  for (const Sheet& sheet : sheets_) {
    const auto* row = sheet.counters_.find(family, labels, Sheet::hash_of(family, labels));
    if (row) sum += row->cell.value();
  }
  return sum;
}

std::map<Labels, std::uint64_t> Registry::totals(const Family& family) const {
  std::map<Labels, std::uint64_t> all;
  const std::lock_guard lock(mutex_);
  for (const Sheet& sheet : sheets_) {
    for (const auto& row : sheet.counters_.rows) {
      if (row.family == &family) all[row.labels] += row.cell.value();
    }
  }
  return all;
}

}  // namespace weir::observe
