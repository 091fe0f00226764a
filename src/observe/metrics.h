// Metrics: counters and histograms, one set of cells a thread (a Sheet), summed when read.
//
// A metric is a row in its folder's metrics.def and an increment where the event happens. A cell
// has one writer, so an increment is a plain load and store. Names: weir_<folder>_<what>.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"

namespace weir::observe {

enum class Kind : std::uint8_t { counter, gauge, histogram };

struct Family {
  const char* name;
  const char* help;
  Kind kind;
  std::initializer_list<const char*> labels;
};

using Labels = std::vector<std::string>;  // values, in the family's order

// One writer, any reader.
class Counter {
 public:
  void add(std::uint64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// Log-linear buckets over microseconds: 8 to each power of two, so a percentile read from them is
// at most 12.5 % high. One writer, any reader.
class Histogram {
 public:
  static constexpr int kSub = 8;
  static constexpr int kBuckets = 36 * kSub;  // up to 2^38 us, 76 h

  void add(Duration d) {
    const std::size_t i = index(d);
    bump(buckets_[i], 1);
    bump(sum_us_, static_cast<std::uint64_t>(d.count() < 0 ? 0 : d.count() / 1000));
  }
  static std::size_t index(Duration d) {
    const auto us = static_cast<std::uint64_t>(d.count() <= 0 ? 0 : d.count() / 1000);
    if (us < kSub) return us;
    const int exponent = 63 - std::countl_zero(us);
    const std::size_t i =
        static_cast<std::size_t>(exponent - 2) * kSub + ((us >> (exponent - 3)) & (kSub - 1));
    return i < kBuckets ? i : kBuckets - 1;
  }
  // The upper bound of a bucket, exclusive.
  static Duration bound(std::size_t i);

  std::uint64_t bucket(std::size_t i) const { return buckets_[i].load(std::memory_order_relaxed); }
  std::uint64_t sum_us() const { return sum_us_.load(std::memory_order_relaxed); }

 private:
  static void bump(std::atomic<std::uint64_t>& cell, std::uint64_t n) {
    cell.store(cell.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::array<std::atomic<std::uint64_t>, kBuckets> buckets_{};
  std::atomic<std::uint64_t> sum_us_{0};
};

// A histogram's sum over sheets, for percentiles and differences over time.
struct Distribution {
  std::array<std::uint64_t, Histogram::kBuckets> buckets{};
  std::uint64_t sum_us = 0;
  std::uint64_t count() const;
  void add(const Histogram& histogram);
  // What came since `earlier`, a former state of the same histogram.
  Distribution since(const Distribution& earlier) const;
  // The bucket bound below which `share` of the values lie; 0 without values.
  Duration percentile(double share) const;
};

// One thread's cells. Made by a Registry; creating cells locks, using them does not.
class Sheet {
 public:
  Counter& counter(const Family& family, Labels labels = {});
  Histogram& histogram(const Family& family, Labels labels = {});

 private:
  friend class Registry;
  explicit Sheet(std::mutex& mutex) : mutex_(mutex) {}
  template <class Cell>
  struct Row {
    const Family* family;
    Labels labels;
    Cell cell;
  };
  // Rows stay where they are; found by the hash of their family and labels.
  template <class Cell>
  struct Table {
    std::deque<Row<Cell>> rows;
    std::unordered_multimap<std::size_t, Row<Cell>*> index;
    const Row<Cell>* find(const Family& family, const Labels& labels, std::size_t hash) const;
    Cell& cell(const Family& family, Labels labels);
  };
  static std::size_t hash_of(const Family& family, const Labels& labels);

  std::mutex& mutex_;
  Table<Counter> counters_;
  Table<Histogram> histograms_;
};

// What a collector hands in when the metrics are read: gauges, and counters kept elsewhere.
class Samples {
 public:
  void add(const Family& family, Labels labels, double value);

 private:
  friend class Registry;
  std::map<std::string_view, std::pair<const Family*, std::map<Labels, double>>> rows_;
};

// Any thread.
class Registry {
 public:
  // Lives as long as the registry.
  Sheet& sheet();
  // Called at each reading, on the reader's thread; the collector does its own locking.
  void collect(std::function<void(Samples&)> collector);
  // Text format 0.0.4 of Prometheus.
  std::string prometheus() const;
  // The sum over all sheets of one histogram; of a counter.
  Distribution distribution(const Family& family, const Labels& labels) const;
  std::uint64_t total(const Family& family, const Labels& labels) const;
  // Of a counter, by all labels that it has.
  std::map<Labels, std::uint64_t> totals(const Family& family) const;

 private:
  mutable std::mutex mutex_;
  std::deque<Sheet> sheets_;
  std::vector<std::function<void(Samples&)>> collectors_;
};

}  // namespace weir::observe
