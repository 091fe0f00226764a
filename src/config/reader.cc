#include "config/reader.h"

#include <fmt/format.h>

#include "config/suggest.h"

namespace weir::config {

Cursor Cursor::enter(const Entry& entry) const {
  return Cursor(entry.value, *findings_, trail_.enter(entry.key));
}

Cursor Cursor::item(std::size_t index) const {
  return Cursor(node_->items[index], *findings_, trail_.item(index));
}

void Cursor::mistake(std::string what, std::string remedy) const {
  findings_->add(trail_, node_->place, std::move(what), std::move(remedy));
}

void Cursor::mistake_at(const Entry& entry, std::string what, std::string remedy) const {
  findings_->add(trail_.enter(entry.key), entry.place, std::move(what), std::move(remedy));
}

void Cursor::unknown_key(const Entry& entry, const std::vector<std::string>& known,
                         const std::optional<std::string>& meant) const {
  if (meant && node_->find(*meant) == nullptr) findings_->expect(trail_.enter(*meant));
  mistake_at(entry, fmt::format("unknown key '{}'", shorten(entry.key)),
             meant ? fmt::format("did you mean '{}'?", *meant) : did_you_mean({}, known));
}

void Cursor::wrong_kind(std::string remedy) const {
  mistake("is " + describe_kind(*node_), std::move(remedy));
}

std::string describe_kind(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      return "empty";
    case Node::Kind::scalar:
      return fmt::format("the text '{}'", shorten(node.text));
    case Node::Kind::sequence:
      return "a list";
    case Node::Kind::map:
      break;
  }
  return "a map";
}

std::string shorten(std::string_view text) {
  constexpr std::size_t kMost = 60;
  std::size_t length = std::min(text.size(), kMost);
  // Not in the middle of a UTF-8 character.
  while (length < text.size() && length > 0 && (text[length] & 0xc0) == 0x80) --length;
  std::string result(text.substr(0, length));
  for (char& c : result) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return length < text.size() ? result + "..." : result;
}

}  // namespace weir::config
