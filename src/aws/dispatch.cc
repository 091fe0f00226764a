#include "aws/dispatch.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/codec.h"
#include "aws/inflate.h"
#include "aws/rest.h"
#include "aws/text.h"

namespace weir::aws {
namespace {

using Services = std::span<const Service* const>;

constexpr std::string_view kForm = "application/x-www-form-urlencoded";

// /service/T/operation/O
struct RpcPath {
  std::string_view target, operation;
};
std::optional<RpcPath> rpc_path(std::string_view path) {
  if (!path.starts_with("/service/")) return std::nullopt;
  path.remove_prefix(9);
  constexpr std::string_view kMiddle = "/operation/";
  const auto middle = path.find(kMiddle);
  if (middle == std::string_view::npos) return std::nullopt;
  return RpcPath{path.substr(0, middle), path.substr(middle + kMiddle.size())};
}

bool is_rest_path(std::string_view path) {
  return path.starts_with("/2013-04-01/") ||
         (path.starts_with("/endpoints/") && path.find("invocations") != std::string_view::npos);
}

bool has_action(std::string_view form) {
  return form.starts_with("Action=") || form.find("&Action=") != std::string_view::npos;
}

std::string form_value(std::string_view form, std::string_view key) {
  while (!form.empty()) {
    const auto end = form.find('&');
    const std::string_view pair = form.substr(0, end);
    form.remove_prefix(end == std::string_view::npos ? form.size() : end + 1);
    const auto equals = pair.find('=');
    if (pair.substr(0, equals) != key || equals == std::string_view::npos) continue;
    return percent_decode(pair.substr(equals + 1), true);
  }
  return {};
}

class Finder {
 public:
  Finder(Services services, const WireRequest& request, std::string_view hint)
      : services_(services), request_(request), hint_(hint) {}

  Target find() {
    if (!inflate_body()) return std::move(target_);
    const std::string* protocol = request_.header("smithy-protocol");
    const std::string* named = request_.header("x-amz-target");
    const auto path = rpc_path(request_.path);
    if (path && (protocol || !named)) {
      from_rpc_path(*path);
    } else if (named) {
      from_header(*named);
    } else if (is_rest_path(request_.path)) {
      from_path();
    } else {
      from_form();
    }
    return std::move(target_);
  }

 private:
  bool inflate_body() {
    const std::string* encoding = request_.header("content-encoding");
    if (!encoding || *encoding == "identity" || encoding->starts_with("aws-chunked")) {
      target_.body = request_.body;
      return true;
    }
    // Known before the body is, for the form of the answer.
    target_.protocol = request_.header("smithy-protocol") ? Protocol::cbor
                       : request_.header("x-amz-target")  ? Protocol::json
                                                          : Protocol::query;
    if (*encoding != "gzip") {
      target_.fault =
          Fault("InvalidRequest",
                fmt::format("Content-Encoding {} is not supported: use gzip", *encoding));
      return false;
    }
    auto text = inflate(request_.body, kMostBody);
    if (!text) {
      const bool large = text.error().code == Code::limit;
      target_.fault =
          Fault(large ? "RequestEntityTooLarge" : std::string(malformed_code(target_.protocol)),
                text.error().message, large ? 413 : 0);
      return false;
    }
    target_.body = *std::move(text);
    return true;
  }

  // Where the request names no service that we know.
  void no_service(std::string_view what) {
    for (const Service* service : services_) {
      if (service->signing_name == hint_ && service->speaks(target_.protocol))
        target_.service = service;
    }
    target_.fault = Fault(std::string(unknown_operation_code(target_.protocol)),
                          fmt::format("{} is no operation of a service that is served here", what));
  }

  void no_operation() {
    const Service& service = *target_.service;
    const bool at_aws =
        std::find(service.names.begin(), service.names.end(), target_.name) != service.names.end();
    target_.fault = Fault(std::string(unknown_operation_code(target_.protocol)),
                          at_aws ? fmt::format("The operation {} of {} is not supported here",
                                               target_.name, service.id)
                                 : fmt::format("Could not find operation {} for version {}",
                                               target_.name, service.version));
  }

  void find_operation() {
    target_.operation = target_.service->find(target_.name);
    if (!target_.operation) no_operation();
  }

  void from_rpc_path(const RpcPath& path) {
    target_.protocol = Protocol::cbor;
    target_.name = path.operation;
    for (const Service* service : services_) {
      if (service->target_prefix == path.target && service->speaks(Protocol::cbor))
        target_.service = service;
    }
    target_.service ? find_operation() : no_service(request_.path);
  }

  void from_header(std::string_view named) {
    target_.protocol = Protocol::json;
    const auto dot = named.rfind('.');
    if (dot != std::string_view::npos) target_.name = named.substr(dot + 1);
    for (const Service* service : services_) {
      if (service->target_prefix == named.substr(0, dot) && service->speaks(Protocol::json)) {
        target_.service = service;
      }
    }
    target_.service ? find_operation() : no_service(named);
  }

  void from_path() {
    std::size_t best = 0;
    for (const Service* service : services_) {
      const bool xml = service->speaks(Protocol::rest_xml);
      if (!xml && !service->speaks(Protocol::rest_json)) continue;
      const bool ours = request_.path.starts_with("/2013-04-01/") == xml;
      if (ours) {
        target_.service = service;
        target_.protocol = xml ? Protocol::rest_xml : Protocol::rest_json;
      }
      for (const Operation& operation : service->operations) {
        if (!ours || operation.method != request_.method) continue;
        if (!match_uri(operation.uri, request_.path, request_.query)) continue;
        const std::size_t fixed = fixed_text(operation.uri) + 1;
        if (fixed <= best) continue;
        best = fixed;
        target_.operation = &operation;
        target_.name = operation.name;
      }
    }
    if (target_.operation) return;
    const std::string what = request_.method + " " + request_.path;
    no_service(what);
  }

  void from_form() {
    const std::string_view form = form_of(request_, target_.body);
    target_.name = form_value(form, "Action");
    const std::string version = form_value(form, "Version");
    for (const Service* service : services_) {
      const bool speaks = service->speaks(Protocol::query) || service->speaks(Protocol::ec2);
      if (speaks && service->version == version) target_.service = service;
    }
    // The same version may be of several services.
    for (const Service* service : services_) {
      const bool speaks = service->speaks(Protocol::query) || service->speaks(Protocol::ec2);
      if (!speaks || hint_.empty() || service->signing_name != hint_) continue;
      if (version.empty() || service->version == version || !target_.service) {
        target_.service = service;
        break;
      }
    }
    if (target_.service && target_.service->speaks(Protocol::ec2)) target_.protocol = Protocol::ec2;
    if (target_.name.empty()) {
      target_.fault = Fault("MissingAction", "The request has no Action");
    } else if (!target_.service) {
      no_service(fmt::format("{} of version '{}'", target_.name, version));
    } else {
      find_operation();
    }
  }

  Services services_;
  const WireRequest& request_;
  std::string_view hint_;
  Target target_;
};

}  // namespace

bool looks_like_aws(const WireRequest& head) {
  if (head.header("x-amz-target") || head.header("smithy-protocol") || rpc_path(head.path) ||
      is_rest_path(head.path)) {
    return true;
  }
  if (head.path != "/" && !head.path.empty()) return false;
  if (head.method == "GET") return has_action(head.query);
  const std::string* type = head.header("content-type");
  return head.method == "POST" && type && type->starts_with(kForm);
}

Target find_target(Services services, const WireRequest& request, std::string_view hint) {
  return Finder(services, request, hint).find();
}

}  // namespace weir::aws
