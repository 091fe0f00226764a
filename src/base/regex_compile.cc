// Text to steps: a tree first, so that what is repeated can be written out several times.
#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>

#include "base/regex.h"

namespace weir {
namespace {

constexpr int kDeepest = 20;
constexpr std::uint32_t kEndless = ~0u;

using Set = std::bitset<256>;

struct Node {
  enum class Kind : std::uint8_t { set, all, any, repeat, group, begin, end } kind;
  Set set{};                                      // set
  std::vector<std::unique_ptr<Node>> children{};  // all: one after the other; any: one of them
  std::uint32_t least = 0, most = 0;              // repeat
  bool greedy = true;                             // repeat
  std::uint32_t number = 0;                       // group
};
using Tree = std::unique_ptr<Node>;

Tree node(Node::Kind kind) {
  auto made = std::make_unique<Node>();
  made->kind = kind;
  return made;
}

Set range(unsigned char from, unsigned char to) {
  Set set;
  for (unsigned c = from; c <= to; ++c) set.set(c);
  return set;
}

// \d and the like; nothing where the letter names no class.
std::optional<Set> named_class(char letter) {
  switch (letter) {
    case 'd':
      return range('0', '9');
    case 'D':
      return ~range('0', '9');
    case 'w':
    case 'W': {
      Set word = range('0', '9') | range('a', 'z') | range('A', 'Z');
      word.set('_');
      return letter == 'w' ? word : ~word;
    }
    case 's':
    case 'S': {
      Set space = range('\t', '\r');
      space.set(' ');
      return letter == 's' ? space : ~space;
    }
    default:
      return std::nullopt;
  }
}

class Parser {
 public:
  Parser(std::string_view text, bool ignore_case, std::uint32_t most_repeats)
      : rest_(text), ignore_case_(ignore_case), most_repeats_(most_repeats) {}

  Result<Tree> parse() {
    Tree tree = choices(0);
    if (wrong_.empty() && !rest_.empty()) wrong_ = "has a ')' without its '('";
    if (!wrong_.empty()) return fail(Code::invalid, wrong_);
    return tree;
  }
  std::uint32_t groups() const { return groups_; }

 private:
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  void complain(std::string what) {
    if (wrong_.empty()) wrong_ = std::move(what);
    rest_ = {};
  }

  Tree choices(int depth) {
    if (depth > kDeepest) complain(fmt::format("has more than {} groups in each other", kDeepest));
    Tree any = node(Node::Kind::any);
    do {
      any->children.push_back(sequence(depth));
    } while (take('|'));
    return any;
  }

  Tree sequence(int depth) {
    Tree all = node(Node::Kind::all);
    while (!rest_.empty() && rest_.front() != '|' && rest_.front() != ')') {
      all->children.push_back(repeated(depth));
    }
    return all;
  }

  Tree repeated(int depth) {
    Tree inner = atom(depth);
    while (wrong_.empty() && !rest_.empty()) {
      std::uint32_t least = 0, most = kEndless;
      if (take('*')) {
      } else if (take('+')) {
        least = 1;
      } else if (take('?')) {
        most = 1;
      } else if (rest_.front() == '{') {
        if (!counts(least, most)) break;
      } else {
        break;
      }
      if (inner->kind == Node::Kind::repeat) {
        complain("repeats what is repeated already: put it into a group");
        break;
      }
      Tree repeat = node(Node::Kind::repeat);
      repeat->least = least;
      repeat->most = most;
      repeat->greedy = !take('?');
      repeat->children.push_back(std::move(inner));
      inner = std::move(repeat);
    }
    return inner;
  }

  // {2}, {2,} or {2,5}.
  bool counts(std::uint32_t& least, std::uint32_t& most) {
    const auto close = rest_.find('}');
    const std::string text(rest_.substr(1, close == rest_.npos ? 0 : close - 1));
    const auto comma = text.find(',');
    const auto number = [&](std::string_view digits) -> std::optional<std::uint32_t> {
      if (digits.empty() || digits.size() > 4) return std::nullopt;
      std::uint32_t value = 0;
      for (const char c : digits) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + static_cast<std::uint32_t>(c - '0');
      }
      return value;
    };
    const auto first = number(std::string_view(text).substr(0, comma));
    const bool open = comma != std::string::npos && comma + 1 == text.size();
    const auto last = comma == std::string::npos ? first
                      : open                     ? std::optional(kEndless)
                                                 : number(std::string_view(text).substr(comma + 1));
    if (!first || !last || *first > *last || *first > most_repeats_ ||
        (*last > most_repeats_ && *last != kEndless)) {
      complain(
          fmt::format("has a repetition that is not {{n}}, {{n,}} or {{n,m}} with numbers up to {}",
                      most_repeats_));
      return false;
    }
    least = *first;
    most = *last;
    rest_.remove_prefix(close + 1);
    return true;
  }

  Tree of_set(Set set) {
    if (ignore_case_) {
      for (unsigned c = 'a'; c <= 'z'; ++c) {
        const unsigned upper = c - 'a' + 'A';
        if (set.test(c) || set.test(upper)) set.set(c).set(upper);
      }
    }
    Tree one = node(Node::Kind::set);
    one->set = set;
    return one;
  }

  Tree atom(int depth) {
    const char c = take();
    switch (c) {
      case '(':
        return group(depth);
      case '[':
        return of_set(bracket());
      case '.':
        return of_set(~Set().set('\n'));
      case '^':
        return node(Node::Kind::begin);
      case '$':
        return node(Node::Kind::end);
      case '\\':
        return of_set(escape());
      case '*':
      case '+':
      case '?':
      case '{':
        complain(fmt::format("has a '{}' with nothing before it to repeat", c));
        return node(Node::Kind::all);
      default:
        return of_set(Set().set(static_cast<unsigned char>(c)));
    }
  }

  Tree group(int depth) {
    const bool plain = rest_.starts_with("?:");
    if (plain) {
      rest_.remove_prefix(2);
    } else if (rest_.starts_with("?")) {
      complain("has a '(?' that is not '(?:': neither look-around nor flags are built");
    }
    const std::uint32_t number = plain ? 0 : ++groups_;
    Tree inner = choices(depth + 1);
    if (!take(')')) complain("has a '(' without its ')'");
    if (plain) return inner;
    Tree made = node(Node::Kind::group);
    made->number = number;
    made->children.push_back(std::move(inner));
    return made;
  }

  Set escape() {
    if (rest_.empty()) {
      complain("ends with a '\\'");
      return {};
    }
    const char c = take();
    if (const auto known = named_class(c)) return *known;
    if (c == 'n') return Set().set('\n');
    if (c == 't') return Set().set('\t');
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter) complain(fmt::format("has a '\\{}', which is not known", c));
    return Set().set(static_cast<unsigned char>(c));
  }

  Set bracket() {
    const bool inverted = take('^');
    Set set;
    bool first = true;
    while (!rest_.empty() && (first || rest_.front() != ']')) {
      first = false;
      const char from = take();
      if (from == '\\') {
        const Set escaped = escape();
        set |= escaped;
        continue;
      }
      const bool is_range = rest_.size() >= 2 && rest_[0] == '-' && rest_[1] != ']';
      if (!is_range) {
        set.set(static_cast<unsigned char>(from));
        continue;
      }
      take();
      const char to = take();
      if (to == '\\' || static_cast<unsigned char>(to) < static_cast<unsigned char>(from)) {
        complain("has a range in brackets that runs backwards");
        return {};
      }
      set |= range(static_cast<unsigned char>(from), static_cast<unsigned char>(to));
    }
    if (!take(']')) complain("has a '[' without its ']'");
    return inverted ? ~set : set;
  }

  std::string_view rest_;
  bool ignore_case_;
  std::uint32_t most_repeats_;
  std::uint32_t groups_ = 0;
  std::string wrong_;
};

}  // namespace

class RegexCompiler {
 public:
  RegexCompiler(Regex& regex, std::size_t most_steps) : regex_(regex), most_steps_(most_steps) {}

  void write(const Node& node) {
    if (full()) return;
    switch (node.kind) {
      case Node::Kind::set:
        regex_.sets_.push_back(node.set);
        add(Regex::Op::set, regex_.sets_.size() - 1);
        break;
      case Node::Kind::begin:
        add(Regex::Op::begin);
        break;
      case Node::Kind::end:
        add(Regex::Op::end);
        break;
      case Node::Kind::all:
        for (const auto& child : node.children) write(*child);
        break;
      case Node::Kind::group:
        add(Regex::Op::save, 2 * node.number);
        write(*node.children[0]);
        add(Regex::Op::save, 2 * node.number + 1);
        break;
      case Node::Kind::any:
        write_choices(node);
        break;
      case Node::Kind::repeat:
        write_repeats(node);
        break;
    }
  }
  std::size_t add(Regex::Op op, std::size_t x = 0) {
    regex_.steps_.push_back({op, static_cast<std::uint16_t>(x), 0});
    return regex_.steps_.size() - 1;
  }
  bool full() const { return regex_.steps_.size() > most_steps_; }

 private:
  std::uint16_t here() const { return static_cast<std::uint16_t>(regex_.steps_.size()); }

  void write_choices(const Node& node) {
    std::vector<std::size_t> ends;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      const bool last = i + 1 == node.children.size();
      const std::size_t split = last ? 0 : add(Regex::Op::split, here() + 1u);
      write(*node.children[i]);
      if (last) break;
      ends.push_back(add(Regex::Op::jump));
      regex_.steps_[split].y = here();
    }
    for (const std::size_t end : ends) regex_.steps_[end].x = here();
  }

  // Goes on with `into` or with `past`, whichever it prefers.
  void aim(std::size_t split, std::uint16_t into, std::uint16_t past, bool greedy) {
    regex_.steps_[split].x = greedy ? into : past;
    regex_.steps_[split].y = greedy ? past : into;
  }

  void write_repeats(const Node& node) {
    const Node& inner = *node.children[0];
    for (std::uint32_t i = 0; i < node.least && !full(); ++i) write(inner);
    if (node.most == kEndless) {
      const std::size_t split = add(Regex::Op::split);
      write(inner);
      add(Regex::Op::jump, split);
      aim(split, static_cast<std::uint16_t>(split + 1), here(), node.greedy);
      return;
    }
    std::vector<std::size_t> splits;
    for (std::uint32_t i = node.least; i < node.most && !full(); ++i) {
      splits.push_back(add(Regex::Op::split));
      write(inner);
    }
    for (const std::size_t split : splits) {
      aim(split, static_cast<std::uint16_t>(split + 1), here(), node.greedy);
    }
  }

  Regex& regex_;
  std::size_t most_steps_;
};

Result<Regex> Regex::compile(std::string_view text, bool ignore_case, const Limits& limits) {
  if (text.empty()) return fail(Code::invalid, "is empty");
  if (text.size() > limits.longest) {
    return fail(Code::limit, fmt::format("is longer than {} characters", limits.longest));
  }
  Parser parser(text, ignore_case, limits.repeats);
  TRY(const Tree tree, parser.parse());
  Regex regex;
  regex.groups_ = parser.groups();
  RegexCompiler compiler(regex, limits.steps);
  compiler.add(Op::save, 0);
  compiler.write(*tree);
  compiler.add(Op::save, 1);
  compiler.add(Op::match);
  if (compiler.full()) {
    return fail(Code::limit, fmt::format("repeats too much: written out it is longer than {} steps",
                                         limits.steps));
  }
  return regex;
}

}  // namespace weir
