// AcmBook: the imported certificates of one tenant. Lives on the control thread.
#pragma once

#include <string_view>

#include "api/aws/acm/service.h"
#include "api/aws/certificates/files.h"
#include "api/aws/world/book.h"

namespace weir::amazon::acm {

struct AcmBook : BookOf<AcmBook> {
  static constexpr std::string_view kService = "acm";
  Shelf<CertificateDetail> certificates;  // by ARN; keys are in files alone

  template <class Self, class Visit>
  static void shelves(Self& self, Visit visit) {
    visit("certificate", self.certificates);
  }
};

// The one with that ARN, or ResourceNotFoundException.
Reply<const Kept<CertificateDetail>*> find_certificate(const AcmBook& book, const std::string& arn);

}  // namespace weir::amazon::acm
