// Rehearsal: which way of looking ahead keeps requests from waiting too long at the least capacity,
// found by playing every way over what really came.
//
// A way is an estimate of the demand one start time ahead (the mean of the last seconds, a share of
// its slope, and a forecast as a floor or not), how long a high estimate is held, and how much is
// added to it. Each five seconds all ways are told what came: in thought, the line of each grows
// where the capacity that it would have ordered a start time ago is less than that. The cheapest of
// those whose share of late requests is within the budget is the one to follow. So nothing is
// assumed of the traffic, and a forecast counts as much as it has lately been worth. What happens
// in truth corrects the budget: not all is in the play, such as instances being whole.
//
// This is choosing among experts by their own record (Herbster and Warmuth 1998) on a queue as a
// fluid; the correction is that of adaptive conformal inference (Gibbs and Candes 2021).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "scale/learned.h"
#include "scale/outlook.h"
#include "scale/series.h"

namespace weir::scale {

// Lives on one thread. About 200 KiB with a lead of five minutes.
class Rehearsal {
 public:
  static constexpr Duration kStep = 5s;
  // No estimate is above this many times the last minute, or kUsual of the mean of days.
  static constexpr double kMost = 2.7;
  static constexpr double kUsual = 0.75;

  // `budget`: share of requests that may be late, above 0 and below 1.
  explicit Rehearsal(double budget);

  struct Moment {
    Duration lead;      // from an order to its effect
    double wait = 0;    // seconds in line that are not too long
    bool late = false;  // requests are late now, in truth
    const Outlook* outlook = nullptr;
  };
  // What came until `now`. Does nothing more often than each kStep, and without half a minute of
  // it.
  void observe(const Series& series, const Moment& moment, Time now);

  struct Answer {
    double rate;            // requests per second to be ready for
    double estimate;        // without what is added
    double margin;          // what is added, as a share
    std::uint32_t seconds;  // that the estimate rests on
    double slope;           // share of their rise that is expected to go on
    double hold;            // seconds that a high estimate is held
    bool outlook;           // the forecast is a floor of it
  };
  std::optional<Answer> answer() const;

  // The record of all ways, as rows; and back, as it was `age` ago. Their lines begin anew.
  void keep(Learned& learned) const;
  void restore(const Learned& learned, Duration age);

  // Requests per second, the mean of the last days.
  double usual() const { return span_ > 0 ? came_ / span_ : 0; }

 private:
  struct Estimate {
    double at;  // seconds
    double rate;
  };
  struct Way {
    std::size_t look = 0;          // which estimate
    double hold = 0;               // seconds
    std::deque<Estimate> highest;  // falling; its front is the highest of the last `hold` seconds
    double order = 0;              // what it would have now
    std::deque<double> ordered;    // the same of each step since a lead ago
    double cost = 0;               // requests that it was ready for, fading
  };
  struct Play {
    double line = 0;
    double late = 0;  // requests, fading
  };

  std::vector<double> estimates(const Series& series, const Moment& moment, Time now) const;
  void play(double came, const Moment& moment);
  void choose(Duration lead);
  double budget_now() const;

  const double budget_;
  double came_ = 0, late_ = 0;  // requests, in truth, fading
  double span_ = 0;             // seconds, fading
  std::vector<Way> ways_;
  std::vector<Play> plays_;  // of each way, one for each margin
  std::size_t best_ = 0;     // of plays_
  std::uint64_t steps_ = 0;
  std::optional<Time> last_;
};

}  // namespace weir::scale
