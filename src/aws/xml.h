// Values as XML: the bodies of rest-xml, and the answers of query, ec2 and rest-xml. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "aws/reading.h"
#include "aws/value.h"
#include "base/result.h"

namespace weir::aws {

// Reads the root element, whatever its name. Entities that a document declares are not expanded.
// The error says what is malformed and at which byte.
Result<Value> read_xml_value(const Member& member, std::string_view text, Reading& reading);

// Elements are appended in the order of the model.
class XmlWriter {
 public:
  explicit XmlWriter(std::string& out) : out_(out) {}

  // <name xmlns="space">; an empty space is left out.
  void open(std::string_view name, std::string_view space = {}, std::string_view prefix = {});
  void close(std::string_view name);
  void element(std::string_view name, std::string_view text);
  // One element of the name, its attributes among them.
  void value(std::string_view name, const Member& member, const Value& value);
  // The members of the body: of a structure whose own element is open already.
  void members(const Shape& shape, const Structure& held);

 private:
  void text(std::string_view text);
  void attribute_text(std::string_view content);
  void member(const Member& member, const Value& value);
  void list(std::string_view name, const Member& member, const Value& value);
  void map(std::string_view name, const Member& member, const Value& value);

  std::string& out_;
};

}  // namespace weir::aws
