#include "aws/form.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "aws/text.h"

namespace weir::aws {
namespace {

// What is of the call and not of the operation.
bool of_the_call(std::string_view name) {
  return name == "Action" || name == "Version" || name == "SignatureMethod" ||
         name == "SignatureVersion" || name == "Signature" || name == "Timestamp" ||
         name == "AWSAccessKeyId" || name == "SecurityToken" || name.starts_with("X-Amz-");
}

class FormReader {
 public:
  FormReader(bool ec2, Reading& reading) : ec2_(ec2), reading_(reading) {}

  Value read(const Member& member, const Form& form) {
    const Shape& shape = *member.shape;
    if (depth_ == kDeepest) return {};
    ++depth_;
    Value value;
    switch (shape.kind) {
      case Kind::structure:
        value = structure(shape, form);
        break;
      case Kind::list:
        value = list(member, form);
        break;
      case Kind::map:
        value = map(member, form);
        break;
      default:
        used_.insert(&form);
        if (auto scalar = scalar_from_text(shape, form.value)) {
          value = *std::move(scalar);
        } else {
          reading_.complain(path_.text(), shape.kind);
        }
    }
    --depth_;
    return value;
  }

  void count_unknown(const Form& form, const std::string& name) {
    if (form.given && !used_.contains(&form) && !of_the_call(name)) reading_.ignore(name);
    for (const auto& [key, child] : form.children) {
      count_unknown(child, name.empty() ? key : name + "." + key);
    }
  }

 private:
  static std::string raised(std::string_view name) {
    std::string made(name);
    if (!made.empty() && made[0] >= 'a' && made[0] <= 'z') made[0] -= 'a' - 'A';
    return made;
  }

  // ec2's names begin with a capital. A flattened list may go by the name of its items.
  const Form* find(const Member& member, const Form& form) const {
    if (ec2_) {
      if (!member.query_name.empty()) return form.child(member.query_name);
      const Form* child = form.child(raised(member.wire_name()));
      return child ? child : form.child(member.wire_name());
    }
    if (const Form* child = form.child(member.wire_name())) return child;
    const bool flat = member.shape->kind == Kind::list && member.flattened;
    return flat ? form.child(member.shape->item->location_name) : nullptr;
  }

  Value structure(const Shape& shape, const Form& form) {
    Structure made;
    made.members.resize(shape.members.size());
    for (std::size_t i = 0; i < shape.members.size(); ++i) {
      const Member& member = shape.members[i];
      const Form* child = find(member, form);
      if (!child) continue;
      const auto step = Path::Step::member(path_, member.name);
      made.members[i] = read(member, *child);
    }
    return made;
  }

  Value list(const Member& member, const Form& form) {
    const Member& item = *member.shape->item;
    used_.insert(&form);  // Names= is the empty list
    const Form* at = &form;
    if (!ec2_ && !member.flattened) {
      at = form.child(item.location_name.empty() ? "member" : item.location_name);
    }
    List made;
    if (!at) return made;
    std::size_t number = 0;
    for (const Form* child : at->numbered()) {
      const auto step = Path::Step::item(path_, ++number);
      made.items.push_back(read(item, *child));
    }
    return made;
  }

  Value map(const Member& member, const Form& form) {
    const Member& key = *member.shape->key;
    const Member& item = *member.shape->item;
    used_.insert(&form);
    const Form* at = member.flattened ? &form : form.child("entry");
    Map made;
    if (!at) return made;
    for (const Form* entry : at->numbered()) {
      const Form* name = entry->child(key.location_name.empty() ? "key" : key.location_name);
      const Form* value = entry->child(item.location_name.empty() ? "value" : item.location_name);
      if (!name || !value) continue;
      used_.insert(name);
      const Path::Step step(path_, name->value);
      made.entries.push_back({name->value, read(item, *value)});
    }
    return made;
  }

  bool ec2_;
  Reading& reading_;
  Path path_;
  int depth_ = 0;
  std::set<const Form*> used_;
};

}  // namespace

const Form* Form::child(std::string_view name) const {
  const auto found = children.find(name);
  return found == children.end() ? nullptr : &found->second;
}

std::vector<const Form*> Form::numbered() const {
  std::vector<std::pair<std::uint32_t, const Form*>> found;
  for (const auto& [key, form] : children) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), number);
    if (error == std::errc() && end == key.data() + key.size()) found.emplace_back(number, &form);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<const Form*> ordered;
  for (const auto& [number, form] : found) ordered.push_back(form);
  return ordered;
}

Result<Form> read_form(std::string_view text) {
  Form root;
  std::size_t pairs = 0;
  while (!text.empty()) {
    const auto end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (pair.empty()) continue;
    if (++pairs > Form::kMostPairs) {
      return fail(Code::limit, fmt::format("more than {} parameters", Form::kMostPairs));
    }
    const auto equals = pair.find('=');
    const std::string key = percent_decode(pair.substr(0, equals), true);
    Form* at = &root;
    int depth = 0;
    std::string_view rest = key;
    while (true) {
      if (++depth > kDeepest) {
        return fail(Code::limit, fmt::format("a parameter of more than {} levels", kDeepest));
      }
      const auto dot = rest.find('.');
      at = &at->children[std::string(rest.substr(0, dot))];
      if (dot == std::string_view::npos) break;
      rest.remove_prefix(dot + 1);
    }
    if (at->given) continue;  // the first one counts
    at->given = true;
    if (equals != std::string_view::npos) at->value = percent_decode(pair.substr(equals + 1), true);
  }
  return root;
}

Value read_form_value(const Member& input, const Form& form, bool ec2, Reading& reading) {
  FormReader reader(ec2, reading);
  Value value = reader.read(input, form);
  reader.count_unknown(form, {});
  return value;
}

}  // namespace weir::aws
