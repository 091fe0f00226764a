// OwnedFields, OwnedHead: heads in memory of their own, made from header lines of any origin: for
// requests and responses that are edited, and for copies that outlive what they were copied from.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "http/head.h"

namespace weir::http {

class OwnedFields {
 public:
  // `lines` need not outlive the call.
  explicit OwnedFields(std::span<const HeaderView> lines);
  OwnedFields(const OwnedFields&) = delete;
  OwnedFields& operator=(const OwnedFields&) = delete;
  const Fields& fields() const { return fields_; }

 private:
  std::string bytes_;
  Fields fields_;
};

class OwnedHead {
 public:
  // `head` with these lines, and with another host, path and query where they are given.
  OwnedHead(const RequestHead& head, std::span<const HeaderView> lines,
            const std::optional<std::string>& host = {},
            const std::optional<std::string>& path = {},
            const std::optional<std::string>& query = {});
  OwnedHead(const OwnedHead&) = delete;
  OwnedHead& operator=(const OwnedHead&) = delete;
  const RequestHead& head() const { return head_; }

 private:
  std::string method_, target_, path_, query_, host_, authority_;
  OwnedFields fields_;
  RequestHead head_;
};

}  // namespace weir::http
