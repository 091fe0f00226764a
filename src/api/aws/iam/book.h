// IamBook: the server certificates of one account and region. Lives on the control thread.
#pragma once

#include <string_view>

#include "api/aws/iam/service.h"
#include "api/aws/world/book.h"

namespace weir::amazon::iam {

struct IamBook : BookOf<IamBook> {
  static constexpr std::string_view kService = "iam";
  Shelf<ServerCertificate> certificates;  // by name; keys are in files alone

  template <class Self, class Visit>
  static void shelves(Self& self, Visit visit) {
    visit("server_certificate", self.certificates);
  }
};

}  // namespace weir::amazon::iam
