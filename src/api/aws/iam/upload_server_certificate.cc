#include <fmt/format.h>

#include "api/aws/certificates/files.h"
#include "api/aws/iam/book.h"
#include "api/aws/world.h"
#include "api/aws/world/arn.h"

namespace weir::amazon::iam {
namespace {

// ASCA and 17 of A-Z and 0-9, as AWS has it.
std::string new_certificate_id() {
  std::string id = "ASCA" + draw_hex(17);
  for (char& c : id) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return id;
}

}  // namespace

Task<Reply<UploadServerCertificateOutput>> upload_server_certificate(
    Context& context, const UploadServerCertificateInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<IamBook>();
  const std::string& name = *in.ServerCertificateName;
  if (book.certificates.contains(name)) {
    co_return refuse("EntityAlreadyExists",
                     fmt::format("The Server Certificate with name {} already exists.", name));
  }
  ServerCertificateMetadata meta;
  meta.Path = in.Path.value_or("/");
  meta.ServerCertificateName = name;
  meta.ServerCertificateId = new_certificate_id();
  meta.Arn = to_string(Arn{"iam", "", context.tenant.account,
                           fmt::format("server-certificate{}{}", *meta.Path, name)});
  meta.UploadDate = context.now;
  CO_TRY(const auto about,
         certificates::write(context.world.control().desired(), *meta.Arn, *in.CertificateBody,
                             in.CertificateChain.value_or(""), *in.PrivateKey,
                             {"MalformedCertificate", "KeyPairMismatch"}));
  meta.Expiration = about.until;
  Kept<ServerCertificate> kept;
  kept.value.ServerCertificateMetadata = meta;
  kept.value.CertificateBody = in.CertificateBody;
  kept.value.CertificateChain = in.CertificateChain;
  kept.made = context.now;
  for (const Tag& tag : in.Tags) kept.tags[*tag.Key] = *tag.Value;
  book.certificates.put(name, std::move(kept));
  auto committing = draft.commit();
  CO_TRY_VOID(co_await committing);
  UploadServerCertificateOutput out;
  out.ServerCertificateMetadata = std::move(meta);
  if (!in.Tags.empty()) out.Tags = in.Tags;
  co_return out;
}

}  // namespace weir::amazon::iam
