// Recent: the last steps' values and their mean.
#pragma once

#include <cstddef>
#include <deque>
#include <numeric>

namespace weir::simulate {

class Recent {
 public:
  explicit Recent(std::size_t most) : most_(most) {}

  void add(double value) {
    values_.push_back(value);
    if (values_.size() > most_) values_.pop_front();
  }
  double mean() const {
    return values_.empty() ? 0
                           : std::accumulate(values_.begin(), values_.end(), 0.0) /
                                 static_cast<double>(values_.size());
  }
  bool full() const { return values_.size() == most_; }
  const std::deque<double>& values() const { return values_; }

 private:
  std::size_t most_;
  std::deque<double> values_;
};

}  // namespace weir::simulate
