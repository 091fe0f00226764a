#include "route/rewriter.h"

#include "route/placeholders.h"

namespace weir::route {
namespace {

std::optional<Pattern> pattern_of(const std::string& text, Case letters) {
  if (text.empty()) return std::nullopt;
  return Pattern(text, letters);
}

std::optional<Regex> regex_of(const std::string& text, bool ignore_case) {
  auto made = Regex::compile(text, ignore_case);
  return made ? std::optional(std::move(*made)) : std::nullopt;
}

// The first match replaced, as an ALB's transform does; nothing where there is none.
std::optional<std::string> replaced(const Regex& regex, std::string_view text,
                                    const std::string& with, const RequestView& request) {
  const auto found = regex.find(text);
  if (!found) return std::nullopt;
  const auto before = static_cast<std::size_t>(found->whole.data() - text.data());
  std::string out(text.substr(0, before));
  out += filled(with, request, &found->groups);
  return out.append(text.substr(before + found->whole.size()));
}

}  // namespace

Rewriter::Rewriter(const Rewrite& rewrite)
    : rewrite_(rewrite),
      host_(pattern_of(rewrite.host_pattern, Case::ignored)),
      path_(pattern_of(rewrite.path_pattern, Case::sensitive)),
      host_regex_(regex_of(rewrite.host_regex, true)),
      path_regex_(regex_of(rewrite.path_regex, false)) {}

Rewritten Rewriter::apply(const RequestView& request) const {
  Rewritten out;
  if (host_regex_) {
    out.host = replaced(*host_regex_, request.host, rewrite_.host, request);
  } else if (!rewrite_.host.empty()) {
    const auto taken = host_ ? host_->take(request.host) : Pattern::Taken{};
    if (taken) out.host = filled(rewrite_.host, request, &*taken);
  }
  if (request.path.starts_with('/')) out.path = path_of(request);  // not the * of OPTIONS
  if (rewrite_.query) out.query = filled(*rewrite_.query, request);
  return out;
}

std::optional<std::string> Rewriter::path_of(const RequestView& request) const {
  if (path_regex_) {
    auto path = replaced(*path_regex_, request.path, rewrite_.path, request);
    if (path && !path->starts_with('/')) path->insert(path->begin(), '/');
    return path;
  }
  if (path_) {
    const auto taken = path_->take(request.path);
    if (!taken) return std::nullopt;
    return filled(rewrite_.path, request, &*taken);
  }
  const std::string& prefix = rewrite_.path_prefix;
  if (prefix.empty()) {
    if (rewrite_.path.empty()) return std::nullopt;
    return filled(rewrite_.path, request);
  }
  if (!request.path.starts_with(prefix)) return std::nullopt;
  std::string_view rest = request.path.substr(prefix.size());
  const bool at_slash = prefix.back() == '/' || rest.empty() || rest.front() == '/';
  if (!at_slash) return std::nullopt;  // /apix is not below /api
  std::string path = rewrite_.path.empty() ? "/" : filled(rewrite_.path, request);
  const bool slash_behind = path.back() == '/';
  if (slash_behind && rest.starts_with('/')) rest.remove_prefix(1);
  if (!slash_behind && !rest.empty() && !rest.starts_with('/')) path += '/';
  return path.append(rest);
}

}  // namespace weir::route
