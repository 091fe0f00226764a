// desired_decode: files and texts to Desired, with all their mistakes at once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/mistake.h"
#include "model/desired.h"
#include "model/desired_validate.h"

namespace weir {

using config::Mistake;
using config::to_string;  // fleet.yaml:14:9: listeners.public.bind: what: remedy

// `desired` is fit to run only where there are no mistakes.
struct Loaded {
  Desired desired;
  std::vector<Mistake> mistakes;  // by place
  bool good() const { return mistakes.empty(); }
};

// A YAML file, or a folder of them. Blocks: reads from disk.
Loaded load(const std::string& path, const Host& host = this_host());
// `name` stands in messages where the file would. Any thread.
Loaded load_text(std::string_view yaml, std::string name, const Host& host = this_host());
Loaded load_json(std::string_view json, std::string name, const Host& host = this_host());

// The options of an instance refresh, as JSON with the keys of instance_refresh; what it leaves out
// stays as `options` has it.
std::vector<Mistake> decode_refresh(std::string_view json, RefreshOptions& options);

// What is wrong with a Desired that came from elsewhere; paths only.
std::vector<Mistake> mistakes_of(const Desired& desired, const Host& host = this_host());

}  // namespace weir
