#include "cli/changes.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <ostream>
#include <sstream>

#include "cli/client.h"
#include "cli/loading.h"
#include "cli/table.h"

namespace weir::cli {

std::string render_changes(const config::Node& answer, bool colour) {
  std::string text;
  for (const config::Node& one : list_of(answer, "changes")) {
    const std::string path = text_of(one, "path");
    const std::string before = text_of(one, "before");
    const std::string after = text_of(one, "after");
    if (before.empty()) {
      text += paint(fmt::format("+ {}: {}", path, after), Colour::green, colour);
    } else if (after.empty()) {
      text += paint(fmt::format("- {}: {}", path, before), Colour::red, colour);
    } else {
      text += paint(fmt::format("~ {}: {} -> {}", path, before, after), Colour::yellow, colour);
    }
    text += "\n";
  }
  for (const config::Node& note : list_of(answer, "notes")) text += "note: " + note.text + "\n";
  return text;
}

namespace {

// To another machine goes what the file holds, not where it is.
Result<Response> send_file(Client& client, const std::string& operation, const std::string& path) {
  if (std::filesystem::is_directory(path)) {
    return fail(Code::invalid, path + " is a folder: over --address give one file");
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return client.post("/api/v1/" + operation, text.str(), "application/yaml");
}

}  // namespace

int change(const std::string& path, const Where& where, const ChangeWords& words, Shell& shell) {
  const auto desired = load_or_complain(path, shell);
  if (!desired) return kUsage;
  std::error_code ignored;
  const std::string absolute = std::filesystem::weakly_canonical(path, ignored).string();
  Client client(shell, where, socket_of(*desired));
  const auto response = client.over_tcp()
                            ? send_file(client, words.operation, absolute)
                            : client.post("/api/v1/" + words.operation,
                                          fmt::format("{{\"path\":{}}}", json_text(absolute)));
  if (!response) return failed(shell, response.error());
  const auto answer = client.parse(*response);
  if (!answer) {
    for (const std::string& mistake : client.mistakes()) shell.err << mistake << "\n";
    shell.err << "weir: " << answer.error().message << "\n";
    return client.mistakes().empty() ? kFailed : kUsage;
  }
  const std::size_t changes = list_of(*answer, "changes").size();
  shell.out << render_changes(*answer, shell.terminal);
  shell.out << (changes == 0 ? words.nothing : words.done + count_of(changes, "change")) << "\n";
  return kGood;
}

}  // namespace weir::cli
