// The tables of a service's model: shapes, members, operations. Constant data, made at build time
// by tools/modelc or at run time by model.h; the codecs, the validator and bind.h walk them.
//
// The words and their meaning are those of botocore's service-2.json.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace weir::aws {

// json is both 1.0 and 1.1, cbor Smithy's RPC v2.
enum class Protocol : std::uint8_t { query, ec2, json, cbor, rest_xml, rest_json };

enum class Kind : std::uint8_t {
  structure,
  list,
  map,
  string,
  integer,  // 32 bits
  wide,     // 64 bits: "long"
  real,     // "float", "double"
  boolean,
  timestamp,
  blob,
  document  // any JSON
};

enum class TimeFormat : std::uint8_t { unset, iso8601, rfc822, unix_seconds };

enum class Place : std::uint8_t { body, uri, query, header, headers, status };

struct Shape;

// A member of a structure, or what a list or map is made of: the shape, and how it is named there.
struct Member {
  std::string_view name{};  // in the model; empty for items, keys and values
  const Shape* shape = nullptr;
  std::string_view location_name{};  // locationName; empty: as `name`
  std::string_view query_name{};     // queryName
  std::string_view xml_namespace{};  // of the element
  std::string_view xml_prefix{};
  Place place = Place::body;
  TimeFormat time_format = TimeFormat::unset;
  bool flattened : 1 = false;
  bool xml_attribute : 1 = false;
  bool required : 1 = false;
  bool host_label : 1 = false;
  bool json_value : 1 = false;
  bool idempotency_token : 1 = false;
  bool event_payload : 1 = false;
  bool event_header : 1 = false;
  bool streaming : 1 = false;

  std::string_view wire_name() const { return location_name.empty() ? name : location_name; }
};

struct Error {
  std::string_view code{};  // on the wire; empty: the shape's name
  int status = 0;           // 0: 400, or 500 where it is the server's fault
  bool server = false;
};

struct Shape {
  std::string_view name{};
  Kind kind = Kind::structure;
  std::span<const Member> members{};           // of a structure
  const Member* item = nullptr;                // of a list; the values of a map
  const Member* key = nullptr;                 // of a map
  std::span<const std::string_view> values{};  // of an enum
  std::string_view pattern{};                  // Java's dialect
  std::string_view payload{};                  // the member that is the body
  std::string_view location_name{};            // of a root element
  std::string_view xml_namespace{};
  std::string_view xml_prefix{};
  // Length of a string, blob, list or map, or value of a number.
  std::optional<double> least{};
  std::optional<double> most{};
  TimeFormat time_format = TimeFormat::unset;
  Error error{};
  bool flattened : 1 = false;
  bool exception : 1 = false;
  bool is_union : 1 = false;
  bool event_stream : 1 = false;
  bool event : 1 = false;
  bool sensitive : 1 = false;
  bool streaming : 1 = false;

  // The place of the member of that name among `members`; -1 where there is none.
  int find(std::string_view member) const;
};

struct Operation {
  std::string_view name{};
  std::string_view method{};  // of HTTP
  std::string_view uri{};     // template: /2013-04-01/hostedzone/{Id}/rrset/
  Member input{};             // its shape is null where the operation takes nothing
  Member output{};
  std::string_view result_wrapper{};  // XML element around the output
  std::span<const Shape* const> errors{};
  int status = 200;      // of a success
  bool streams = false;  // the output is an event stream
};

struct Service {
  std::string_view id{};             // elbv2
  std::string_view version{};        // 2015-12-01
  std::string_view signing_name{};   // elasticloadbalancing
  std::string_view target_prefix{};  // AnyScaleFrontendService
  std::string_view json_version{};   // 1.0, 1.1
  std::string_view xml_namespace{};
  std::span<const Protocol> protocols{};
  TimeFormat time_format = TimeFormat::unset;
  bool query_compatible = false;  // errors keep the code of the query protocol in a header
  std::span<const Operation> operations{};
  std::span<const Shape* const> errors{};     // every exception of the model
  std::span<const std::string_view> names{};  // of all operations of AWS's, also those left out

  bool speaks(Protocol protocol) const;
  const Operation* find(std::string_view name) const;
  // By its code on the wire or by its shape's name.
  const Shape* find_error(std::string_view code) const;
};

}  // namespace weir::aws
