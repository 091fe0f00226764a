// Edits: what becomes of the header lines of a message, compiled from `headers:`.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "model/desired.h"
#include "model/request_view.h"

namespace weir::route {

// Header lines, some of them made anew. Its views are valid while it lives and what they came from.
struct EditedLines {
  std::vector<HeaderView> list;
  std::vector<std::string> made;  // texts that `list` points to; never grows beyond its capacity
};

// Any thread.
class Edits {
 public:
  // Those of a listener, then those of its rule.
  Edits(const HeaderEdits& first, const HeaderEdits& second);

  bool empty() const { return steps_.empty(); }
  // `lines` with the edits done; placeholders are the request's.
  EditedLines apply(std::span<const HeaderView> lines, const RequestView& request) const;

 private:
  struct Step {
    std::string name;
    std::string value;
    bool drops;   // the lines of that name
    bool writes;  // one of its own
  };
  void append(const HeaderEdits& edits);

  std::vector<Step> steps_;
};

}  // namespace weir::route
