#include "cli/table.h"

#include <algorithm>
#include <utility>

namespace weir::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 24;  // of the wrapping column

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// The bytes of the first `columns` code points.
std::size_t prefix_bytes(std::string_view text, std::size_t columns) {
  std::size_t i = 0;
  while (i < text.size() && columns > 0) {
    ++i;
    while (i < text.size() && continues(text[i])) ++i;
    --columns;
  }
  return i;
}

void wrap_line(std::string_view line, std::size_t width, std::vector<std::string>& out) {
  while (display_width(line) > width) {
    std::size_t cut = prefix_bytes(line, width);
    const auto space = line.rfind(' ', cut);
    const bool at_space = space != std::string_view::npos && space > 0;
    if (at_space) cut = space;
    out.emplace_back(line.substr(0, cut));
    line.remove_prefix(cut + (at_space ? 1 : 0));
  }
  out.emplace_back(line);
}

}  // namespace

std::string paint(std::string_view text, Colour colour, bool enabled) {
  if (!enabled || colour == Colour::plain || text.empty()) return std::string(text);
  const char* code = "0";
  switch (colour) {
    case Colour::plain:
      break;
    case Colour::dim:
      code = "2";
      break;
    case Colour::bold:
      code = "1";
      break;
    case Colour::green:
      code = "32";
      break;
    case Colour::yellow:
      code = "33";
      break;
    case Colour::red:
      code = "31";
      break;
  }
  return std::string("\x1b[") + code + "m" + std::string(text) + "\x1b[0m";
}

std::string printable(std::string_view text) {
  std::string out(text);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto c = static_cast<unsigned char>(out[i]);
    const bool control = (c < 0x20 && c != '\n') || c == 0x7f;
    // C1 control characters: U+0080 to U+009f, in UTF-8 c2 80 to c2 9f.
    const bool high =
        c == 0xc2 && i + 1 < out.size() && static_cast<unsigned char>(out[i + 1]) < 0xa0;
    if (control) out[i] = c == '\t' ? ' ' : '?';
    if (high) out.replace(i, 2, "?");
  }
  return out;
}

std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); }));
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  while (true) {
    const auto end = text.find('\n');
    wrap_line(text.substr(0, end), std::max<std::size_t>(width, 1), lines);
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

Table::Table(std::vector<std::string> heads, std::size_t indent)
    : heads_(std::move(heads)), indent_(indent) {}

void Table::add(std::vector<Cell> cells) {
  cells.resize(heads_.size(), Cell(""));
  for (Cell& cell : cells) cell.text = printable(cell.text);
  rows_.push_back(std::move(cells));
}

std::string Table::render(std::size_t width, bool colour) const {
  std::vector<std::size_t> shown;
  std::vector<std::size_t> widths(heads_.size());
  for (std::size_t column = 0; column < heads_.size(); ++column) {
    for (const auto& row : rows_) {
      widths[column] = std::max(widths[column], display_width(row[column].text));
    }
    if (widths[column] == 0) continue;
    widths[column] = std::max(widths[column], display_width(heads_[column]));
    shown.push_back(column);
  }
  if (shown.empty()) return {};
  const std::size_t last = shown.back();
  std::size_t before = indent_;
  for (const std::size_t column : shown) before += column == last ? 0 : widths[column] + kGap;
  const std::size_t room = std::max(width > before ? width - before : 0, kNarrowest);

  std::string out;
  const auto line = [&](const auto& text_of, const auto& colour_of) {
    out.append(indent_, ' ');
    for (const std::size_t column : shown) {
      const std::string& text = text_of(column);
      if (column != last) {
        out += paint(text, colour_of(column), colour);
        out.append(widths[column] + kGap - display_width(text), ' ');
        continue;
      }
      const auto lines = wrap(text, room);
      for (std::size_t i = 0; i < lines.size(); ++i) {
        if (i > 0) out.append("\n").append(before, ' ');
        out += paint(lines[i], colour_of(column), colour);
      }
    }
    while (out.ends_with(' ')) out.pop_back();
    out += '\n';
  };
  line([&](std::size_t column) -> const std::string& { return heads_[column]; },
       [](std::size_t) { return Colour::dim; });
  for (const auto& row : rows_) {
    line([&](std::size_t column) -> const std::string& { return row[column].text; },
         [&](std::size_t column) { return row[column].colour; });
  }
  return out;
}

}  // namespace weir::cli
