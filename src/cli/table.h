// Table: text in columns for a terminal; the last column wraps. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weir::cli {

enum class Colour { plain, dim, bold, green, yellow, red };

// The text in that colour, or as it is.
std::string paint(std::string_view text, Colour colour, bool enabled);
// What came from elsewhere, fit for a terminal: control characters but the line feed become `?`.
std::string printable(std::string_view text);
// Columns that it takes: a code point each.
std::size_t display_width(std::string_view text);
// Lines of at most `width`, broken at spaces where there are some, and at its own line feeds.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

struct Cell {
  Cell(std::string t, Colour c = Colour::plain) : text(std::move(t)), colour(c) {}  // NOLINT
  Cell(const char* t) : text(t) {}                                                  // NOLINT
  std::string text;
  Colour colour = Colour::plain;
};

class Table {
 public:
  Table(std::vector<std::string> heads, std::size_t indent);
  void add(std::vector<Cell> cells);
  bool empty() const { return rows_.empty(); }
  // Columns where no row has anything are left out.
  std::string render(std::size_t width, bool colour) const;

 private:
  std::vector<std::string> heads_;
  std::size_t indent_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace weir::cli
