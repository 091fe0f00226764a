#include "model/desired_decode.h"

#include <utility>

#include "config/field.h"
#include "config/files.h"
#include "config/json.h"
#include "config/yaml.h"
#include "model/desired_fields.h"

namespace weir {
namespace {

Loaded decode(const config::Document& document, config::Findings& findings, const Host& host) {
  Loaded loaded;
  const bool unreadable = document.root.is_null() && !findings.empty();
  if (!unreadable && document.root.is_null()) {
    findings.add(config::Finding{
        {}, config::Place{0, 1, 1}, "is empty", "start with listeners: and target_groups:"});
  } else if (!unreadable) {
    const config::Cursor root(document.root, findings);
    config::type_of<Desired>().decode(root, &loaded.desired);
    if (document.root.kind == config::Node::Kind::map) validate(loaded.desired, host, findings);
  }
  loaded.mistakes = findings.locate(document);
  return loaded;
}

}  // namespace

Loaded load(const std::string& path, const Host& host) {
  config::Findings findings;
  const config::Document document = config::read_files(path, findings);
  return decode(document, findings, host);
}

Loaded load_text(std::string_view yaml, std::string name, const Host& host) {
  config::Findings findings;
  config::Document document;
  document.files = {std::move(name)};
  document.root = config::parse_yaml(yaml, 0, findings);
  return decode(document, findings, host);
}

Loaded load_json(std::string_view json, std::string name, const Host& host) {
  config::Findings findings;
  config::Document document;
  document.files = {std::move(name)};
  document.root = config::parse_json(json, 0, findings);
  return decode(document, findings, host);
}

std::vector<Mistake> decode_refresh(std::string_view json, RefreshOptions& options) {
  if (json.empty()) return {};
  config::Findings findings;
  config::Document document;
  document.files = {"body"};
  document.root = config::parse_json(json, 0, findings);
  const config::Cursor root(document.root, findings);
  if (findings.empty()) config::type_of<RefreshOptions>().decode(root, &options);
  check_refresh(options, config::Trail(), findings);
  return findings.locate(document);
}

std::vector<Mistake> mistakes_of(const Desired& desired, const Host& host) {
  config::Findings findings;
  validate(desired, host, findings);
  return findings.locate({});
}

}  // namespace weir
