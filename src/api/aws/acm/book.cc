#include "api/aws/acm/book.h"

#include <fmt/format.h>

namespace weir::amazon::acm {

std::shared_ptr<Book> new_book() { return std::make_shared<AcmBook>(); }

Reply<const Kept<CertificateDetail>*> find_certificate(const AcmBook& book,
                                                       const std::string& arn) {
  const auto* kept = book.certificates.find(arn);
  if (kept == nullptr) {
    return refuse("ResourceNotFoundException", fmt::format("Could not find certificate {}.", arn));
  }
  return kept;
}

}  // namespace weir::amazon::acm
