// word: an enum as one of a few words.
//
//   field_as(word_type<Statistic>({{"average", Statistic::average}, ...}), "statistic", ...)
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "config/checks.h"
#include "config/reader.h"
#include "config/type.h"

namespace weir::config {

template <class E>
class WordType final : public Type {
 public:
  using Words = std::vector<std::pair<std::string, E>>;

  explicit WordType(Words words) : words_(std::move(words)) {}

  std::string name() const override {
    std::string all;
    for (const auto& [word, value] : words_) all += (all.empty() ? "" : " or ") + word;
    return all;
  }
  void decode(const Cursor& cursor, void* value) const override {
    if (cursor.node().kind != Node::Kind::scalar) return cursor.wrong_kind("write " + name());
    for (const auto& [word, meant] : words_) {
      if (word == cursor.node().text) {
        *static_cast<E*>(value) = meant;
        return;
      }
    }
    OneOf known;
    for (const auto& [word, meant] : words_) known.words.push_back(word);
    const Verdict verdict = known(cursor.node().text);
    cursor.mistake(verdict->what, verdict->remedy);
  }
  Node encode(const void* value, Write) const override {
    for (const auto& [word, meant] : words_) {
      if (meant == *static_cast<const E*>(value)) return Node::scalar(word);
    }
    return Node::scalar("");
  }
  bool equal(const void* a, const void* b) const override {
    return *static_cast<const E*>(a) == *static_cast<const E*>(b);
  }

 private:
  Words words_;
};

template <class E>
const Type& word_type(typename WordType<E>::Words words) {
  static const WordType<E> type(std::move(words));
  return type;
}

}  // namespace weir::config
