#include "api/aws/elbv2/certificates.h"

#include "api/aws/acm/book.h"
#include "api/aws/iam/book.h"
#include "api/aws/world/arn.h"

namespace weir::amazon::elbv2 {

bool certificate_exists(const Books& books, const std::string& arn) {
  if (books.get<acm::AcmBook>().certificates.contains(arn)) return true;
  const auto name = arn.substr(arn.rfind('/') + 1);
  const auto* kept = books.get<iam::IamBook>().certificates.find(name);
  return kept != nullptr && kept->value.ServerCertificateMetadata->Arn == arn;
}

std::set<std::string> users_of_certificate(const Books& books, const std::string& arn) {
  const auto& book = books.get<ElbBook>();
  std::set<std::string> users;
  for (const auto& [key, listener] : book.listeners) {
    bool shown = book.certificates.contains(certificate_key(key, arn));
    for (const Certificate& one : listener->value.Certificates) {
      shown = shown || one.CertificateArn == arn;
    }
    if (shown) users.insert(*listener->value.LoadBalancerArn);
  }
  return users;
}

}  // namespace weir::amazon::elbv2
