// Metric cells of what protects a target group from too much: limits of time, hedges, the line.
#pragma once

#include <string>

#include "observe/metrics.h"
#include "proxy/metrics.h"

namespace weir::proxy {

// Lives on one worker; part of GroupCells.
struct OverloadCells {
  OverloadCells(observe::Sheet& sheet, const std::string& group)
      : retries_status(sheet.counter(metrics::retries_total, {group, "status"})),
        rejected_displaced(sheet.counter(metrics::rejected_total, {group, "displaced"})),
        rejected_descriptors(sheet.counter(metrics::rejected_total, {group, "descriptors"})),
        cut_weir(sheet.counter(metrics::cut_total, {group, "weir"})),
        timeout_per_try(sheet.counter(metrics::timeouts_total, {group, "per_try"})),
        timeout_request(sheet.counter(metrics::timeouts_total, {group, "request"})),
        timeout_lifetime(sheet.counter(metrics::timeouts_total, {group, "lifetime"})),
        hedges_won(sheet.counter(metrics::hedges_total, {group, "won"})),
        hedges_lost(sheet.counter(metrics::hedges_total, {group, "lost"})),
        hedges_failed(sheet.counter(metrics::hedges_total, {group, "failed"})),
        hedges_no_budget(sheet.counter(metrics::hedges_skipped_total, {group, "budget"})),
        hedges_no_slot(sheet.counter(metrics::hedges_skipped_total, {group, "slot"})) {}

  observe::Counter& retries_status;
  observe::Counter& rejected_displaced;
  observe::Counter& rejected_descriptors;
  observe::Counter& cut_weir;
  observe::Counter& timeout_per_try;
  observe::Counter& timeout_request;
  observe::Counter& timeout_lifetime;
  observe::Counter& hedges_won;
  observe::Counter& hedges_lost;
  observe::Counter& hedges_failed;
  observe::Counter& hedges_no_budget;
  observe::Counter& hedges_no_slot;
};

}  // namespace weir::proxy
