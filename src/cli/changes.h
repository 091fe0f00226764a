// changes: `weir plan` and `weir apply`: a file handed to the running weir, and what it made of it.
#pragma once

#include <string>

#include "cli/client.h"
#include "cli/command.h"
#include "config/node.h"

namespace weir::cli {

// Checks the file here, sends its path to POST /api/v1/`operation`, prints the answer under
// `nothing` or `done`. The exit status.
struct ChangeWords {
  std::string operation;
  std::string nothing;  // when there is no difference
  std::string done;     // before the number of changes
};
int change(const std::string& path, const Where& where, const ChangeWords& words, Shell& shell);

// The differences of an answer, one a line: `+` comes, `-` goes, `~` changes.
std::string render_changes(const config::Node& answer, bool colour);

}  // namespace weir::cli
