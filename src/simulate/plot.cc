#include "simulate/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

namespace weir::simulate {
namespace {

// In units of the drawing, which is as wide as the page.
constexpr double kWidth = 900, kHeight = 190;
constexpr double kLeft = 56, kRight = 12, kTop = 26, kBottom = 22;
constexpr std::array kColours = {"#1f6fb2", "#d9730d", "#2e8b57", "#b03a8c", "#7a6f00",
                                 "#5b5f97", "#00838f", "#8d4b32", "#444444", "#c2185b"};

// 1, 2 or 5 times a power of ten, so that about `parts` of it are `length`.
double round_step(double length, double parts) {
  const double raw = std::max(length / parts, 1e-9);
  const double power = std::pow(10, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (raw <= factor * power) return factor * power;
  }
  return 10 * power;
}

double round_time(double length) {
  for (const double step : {1., 2., 5., 10., 15., 30., 60., 120., 300., 600., 900., 1800., 3600.,
                            7200., 10800., 21600., 43200., 86400.}) {
    if (length / step <= 12) return step;
  }
  return 86400 * std::ceil(length / 86400 / 12);
}

std::string clock_text(double seconds) {
  const auto whole = static_cast<long>(seconds);
  if (whole >= 86400 && whole % 86400 == 0) return fmt::format("{} d", whole / 86400);
  if (whole % 60 == 0) return fmt::format("{}:{:02}", whole / 3600, whole / 60 % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

class Drawing {
 public:
  explicit Drawing(const Plot& plot) : plot_(plot) {
    begin_ = plot.at.empty() ? 0 : plot.at.front();
    end_ = plot.at.empty() ? 1 : std::max(plot.at.back(), begin_ + 1);
    for (const Line& line : plot.lines) {
      for (const double value : line.values) top_ = std::max(top_, value);
    }
    if (plot.mark) top_ = std::max(top_, *plot.mark * 1.1);
    if (top_ <= 0) top_ = 1;
  }

  std::string draw() {
    add("<svg viewBox=\"0 0 {:g} {:g}\" role=\"img\" aria-label=\"{}\">\n", kWidth, kHeight,
        escaped(plot_.title));
    add("<text class=\"title\" x=\"{:g}\" y=\"14\">{}</text>\n", kLeft, escaped(plot_.title));
    axes();
    legend();
    mark();
    for (std::size_t i = 0; i < plot_.lines.size(); ++i) line(plot_.lines[i], i);
    out_ += "</svg>\n";
    return std::move(out_);
  }

 private:
  template <class... Parts>
  void add(fmt::format_string<Parts...> format, Parts&&... parts) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Parts>(parts)...);
  }
  double x(double at) const {
    return kLeft + (at - begin_) / (end_ - begin_) * (kWidth - kLeft - kRight);
  }
  double y(double value) const {
    return kHeight - kBottom - value / top_ * (kHeight - kTop - kBottom);
  }

  void axes() {
    const double step = round_step(top_, 4);
    for (int i = 0; i * step <= top_ * 1.0001; ++i) {
      const double height = y(i * step);
      add("<path class=\"grid\" d=\"M{:g} {:.1f}H{:g}\"/>", kLeft, height, kWidth - kRight);
      add("<text class=\"y\" x=\"{:g}\" y=\"{:.1f}\">{:g}</text>\n", kLeft - 6, height + 4,
          i * step);
    }
    const double times = round_time(end_ - begin_);
    for (double at = std::ceil(begin_ / times) * times; at <= end_; at += times) {
      add("<text class=\"x\" x=\"{:.1f}\" y=\"{:g}\">{}</text>\n", x(at), kHeight - 6,
          clock_text(at));
    }
  }

  // From the right, as the title stands on the left.
  void legend() {
    double at = kWidth - kRight;
    for (std::size_t i = plot_.lines.size(); i-- > 0;) {
      const std::string& name = plot_.lines[i].name;
      add("<text class=\"name\" x=\"{:.1f}\" y=\"14\" style=\"fill:{}\">{}</text>\n", at, colour(i),
          escaped(name));
      at -= 16 + 6.6 * static_cast<double>(name.size());
    }
  }

  void mark() {
    if (!plot_.mark) return;
    add("<path class=\"mark\" d=\"M{:g} {:.1f}H{:g}\"/>", kLeft, y(*plot_.mark), kWidth - kRight);
    add("<text class=\"name\" x=\"{:g}\" y=\"{:.1f}\">{}</text>\n", kWidth - kRight,
        y(*plot_.mark) - 4, escaped(plot_.mark_name));
  }

  void line(const Line& line, std::size_t index) {
    std::string path;
    for (std::size_t i = 0; i < std::min(line.values.size(), plot_.at.size()); ++i) {
      path += fmt::format("{}{:.1f} {:.1f}", i == 0 ? "M" : "L", x(plot_.at[i]), y(line.values[i]));
    }
    if (path.empty()) return;
    add("<path class=\"line\" stroke=\"{}\" d=\"{}\"/>\n", colour(index), path);
  }

  static const char* colour(std::size_t i) { return kColours[i % kColours.size()]; }

  const Plot& plot_;
  double begin_, end_, top_ = 0;
  std::string out_;
};

}  // namespace

std::string svg_of(const Plot& plot) { return Drawing(plot).draw(); }

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace weir::simulate
