// files: a config file, or a folder of them merged into one document.
#pragma once

#include <string>

#include "config/mistake.h"
#include "config/node.h"

namespace weir::config {

// A file, or all *.yaml and *.yml files of a folder in the order of their names (hidden ones left
// out). Sections merge by name; the same name in two files is a mistake that names both places.
// Blocks: reads from disk.
Document read_files(const std::string& path, Findings& findings);

// Adds the entries of `more` to `root`: maps of the first level merge, what is there twice is a
// mistake.
void merge(Node& root, Node more, const std::vector<std::string>& files, Findings& findings);

}  // namespace weir::config
