#include "config/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "config/reader.h"
#include "config/yaml.h"

namespace weir::config {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLargestFile = 64 * 1024 * 1024;

void complain(std::uint32_t file, std::string what, std::string remedy, Findings& findings) {
  findings.add(Finding{{}, Place{file, 0, 0}, std::move(what), std::move(remedy)});
}

std::vector<std::string> list_folder(const std::string& path, std::error_code& error) {
  std::vector<std::string> files;
  for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
    const fs::path& file = at->path();
    const bool hidden = file.filename().string().starts_with('.');
    const auto extension = file.extension();
    if (!hidden && (extension == ".yaml" || extension == ".yml")) files.push_back(file.string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

Node read_file(const std::string& path, std::uint32_t file, Findings& findings) {
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  std::error_code error;
  if (stream && fs::is_regular_file(path, error) && fs::file_size(path, error) > kLargestFile) {
    complain(file, "is larger than 64 MiB", "split it into a folder of files", findings);
    return {};
  }
  std::ostringstream text;
  if (stream) text << stream.rdbuf();
  if (!stream || stream.bad()) {
    complain(file, fmt::format("cannot be read: {}", std::strerror(errno != 0 ? errno : EIO)),
             "check the name and its permissions", findings);
    return {};
  }
  return parse_yaml(text.str(), file, findings);
}

std::string where(const Entry& entry, const std::vector<std::string>& files) {
  return fmt::format("{}:{}:{}", files[entry.place.file], entry.place.line, entry.place.column);
}

void twice(Path path, const Entry& second, const Entry& first,
           const std::vector<std::string>& files, Findings& findings) {
  findings.add(
      Finding{std::move(path), second.place,
              fmt::format("'{}' is already in {}", shorten(second.key), where(first, files)),
              "keep one of them"});
}

}  // namespace

void merge(Node& root, Node more, const std::vector<std::string>& files, Findings& findings) {
  if (more.is_null()) return;
  if (root.is_null()) {
    root = std::move(more);
    return;
  }
  const auto find = [](Node& node, const std::string& key) -> Entry* {
    return const_cast<Entry*>(std::as_const(node).find(key));
  };
  for (Entry& section : more.entries) {
    Entry* here = find(root, section.key);
    if (here == nullptr || here->value.is_null()) {
      if (here != nullptr) {
        *here = std::move(section);
      } else {
        root.entries.push_back(std::move(section));
      }
    } else if (here->value.kind != Node::Kind::map || section.value.kind != Node::Kind::map) {
      if (!section.value.is_null()) twice({{section.key, -1}}, section, *here, files, findings);
    } else {
      for (Entry& entry : section.value.entries) {
        if (const Entry* first = here->value.find(entry.key)) {
          twice({{section.key, -1}, {entry.key, -1}}, entry, *first, files, findings);
        } else {
          here->value.entries.push_back(std::move(entry));
        }
      }
    }
  }
}

Document read_files(const std::string& path, Findings& findings) {
  Document document;
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    document.files = {path};
    document.root = read_file(path, 0, findings);
    return document;
  }
  document.files = list_folder(path, error);
  if (error || document.files.empty()) {
    const std::string why = error ? "cannot be read: " + error.message() : "holds no *.yaml file";
    document.files = {path};
    complain(0, why, "name a file, or a folder of *.yaml files", findings);
    return document;
  }
  for (std::uint32_t i = 0; i < document.files.size(); ++i) {
    Node more = read_file(document.files[i], i, findings);
    if (!more.is_null() && more.kind != Node::Kind::map) {
      findings.add(Finding{{},
                           more.place,
                           "is " + describe_kind(more),
                           "write sections such as 'listeners:' at the left margin"});
      continue;
    }
    merge(document.root, std::move(more), document.files, findings);
  }
  return document;
}

}  // namespace weir::config
