#include "api/aws/iam/book.h"
#include "api/aws/world.h"

namespace weir::amazon::iam {

// A marker is the name with which the next page begins.
Task<Reply<ListServerCertificatesOutput>> list_server_certificates(
    Context& context, const ListServerCertificatesInput& in) {
  const auto& book = context.world.book<IamBook>(context.tenant);
  const std::string prefix = in.PathPrefix.value_or("/");
  const auto most = static_cast<std::size_t>(in.MaxItems.value_or(100));
  ListServerCertificatesOutput out;
  out.ServerCertificateMetadataList.give();
  out.IsTruncated = false;
  const auto& items = book.certificates.items();
  for (auto at = items.lower_bound(in.Marker.value_or("")); at != items.end(); ++at) {
    const auto& meta = *at->second->value.ServerCertificateMetadata;
    if (!meta.Path->starts_with(prefix)) continue;
    if (out.ServerCertificateMetadataList.size() == most) {
      out.IsTruncated = true;
      out.Marker = at->first;
      break;
    }
    out.ServerCertificateMetadataList.push_back(meta);
  }
  return out;
}

}  // namespace weir::amazon::iam
