#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "aws/json.h"
#include "aws/text.h"
#include "aws/timestamp.h"

namespace weir::aws {
namespace {

class JsonWriter {
 public:
  explicit JsonWriter(TimeFormat format) : format_(format) {}

  void write(const Member& member, const Value& value) {
    const Shape& shape = *member.shape;
    if (value.as<Null>()) {
      out_ += "null";
    } else if (shape.kind == Kind::structure) {
      structure(shape, value);
    } else if (shape.kind == Kind::list) {
      list(shape, value);
    } else if (shape.kind == Kind::map) {
      map(shape, value);
    } else if (shape.kind == Kind::document) {
      write_free(value);
    } else {
      scalar(member, value);
    }
  }

  // A value without a shape.
  void write_free(const Value& value) {
    if (const auto* map = value.as<Map>()) {
      open('{');
      for (const Entry& entry : map->entries) {
        key(entry.key);
        write_free(entry.value);
      }
      close('}');
    } else if (const auto* list = value.as<List>()) {
      open('[');
      for (const Value& item : list->items) {
        separate();
        write_free(item);
      }
      close(']');
    } else if (const auto* text = value.as<std::string>()) {
      out_ += json_quoted(*text);
    } else if (const auto* number = value.as<double>()) {
      real(*number);
    } else if (value.as<std::int64_t>() || value.as<bool>()) {
      out_ += scalar_to_text(value, Shape{}, TimeFormat::unset);
    } else {
      out_ += "null";
    }
  }

  std::string take() { return std::move(out_); }

 private:
  void open(char bracket) {
    out_ += bracket;
    first_ = true;
  }
  void close(char bracket) {
    out_ += bracket;
    first_ = false;
  }
  void separate() {
    if (!first_) out_ += ',';
    first_ = false;
  }
  void key(std::string_view name) {
    separate();
    out_ += json_quoted(name);
    out_ += ':';
  }

  void structure(const Shape& shape, const Value& value) {
    open('{');
    if (const auto* held = value.as<Structure>()) {
      for (std::size_t i = 0; i < shape.members.size() && i < held->members.size(); ++i) {
        const Member& member = shape.members[i];
        if (member.place != Place::body || !held->members[i].given()) continue;
        key(member.wire_name());
        write(member, held->members[i]);
      }
    }
    close('}');
  }

  void list(const Shape& shape, const Value& value) {
    open('[');
    if (const auto* held = value.as<List>()) {
      for (const Value& item : held->items) {
        separate();
        write(*shape.item, item);
      }
    }
    close(']');
  }

  void map(const Shape& shape, const Value& value) {
    open('{');
    if (const auto* held = value.as<Map>()) {
      for (const Entry& entry : held->entries) {
        key(entry.key);
        write(*shape.item, entry.value);
      }
    }
    close('}');
  }

  void real(double number) {
    const std::string text = real_to_text(number);
    out_ += std::isfinite(number) ? text : json_quoted(text);
  }

  void scalar(const Member& member, const Value& value) {
    if (const auto* number = value.as<double>()) {
      real(*number);
    } else if (const auto* time = value.as<WallTime>()) {
      const TimeFormat format =
          member.time_format == TimeFormat::unset ? format_ : member.time_format;
      const std::string text = write_timestamp(*time, format);
      out_ += format == TimeFormat::unix_seconds ? text : json_quoted(text);
    } else if (const auto* text = value.as<std::string>()) {
      out_ += json_quoted(member.shape->kind == Kind::blob ? encode_base64(*text) : *text);
    } else {
      out_ += scalar_to_text(value, *member.shape, TimeFormat::unset);
    }
  }

  TimeFormat format_;
  std::string out_;
  bool first_ = true;
};

}  // namespace

std::string json_quoted(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string write_json_value(const Member& member, const Value& value, TimeFormat format) {
  JsonWriter writer(format);
  writer.write(member, value);
  return writer.take();
}

std::string write_document(const Value& value) {
  JsonWriter writer(TimeFormat::unix_seconds);
  writer.write_free(value);
  return writer.take();
}

}  // namespace weir::aws
