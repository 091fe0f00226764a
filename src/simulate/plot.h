// Plot: lines over time as an SVG drawing, for a page that needs nothing else. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::simulate {

struct Line {
  std::string name;
  std::vector<double> values;  // at Plot::at; fewer are a line that ends sooner
};

struct Plot {
  std::string title;       // what is shown, and its unit
  std::vector<double> at;  // seconds, rising
  std::vector<Line> lines;
  std::optional<double> mark;  // a level that is drawn across
  std::string mark_name;
};

std::string svg_of(const Plot& plot);

// Text as HTML and SVG take it.
std::string escaped(std::string_view text);

}  // namespace weir::simulate
