// Certificates that the API was given, as files: STATE's folder/certificates (0700), NAME.pem and
// NAME.key (0600), by their ARN. Blocks for a moment: they are small. Any thread.
#pragma once

#include <string>
#include <vector>

#include "aws/fault.h"
#include "base/clock.h"
#include "model/desired.h"

namespace weir::amazon::certificates {

// What a certificate says of itself.
struct About {
  std::vector<std::string> names;  // that it is for
  std::string subject;             // CN=...
  std::string issuer;
  std::string serial;     // aa:bb:...
  std::string algorithm;  // RSA_2048, EC_prime256v1, ... ; "" where AWS has no word for it
  std::string signature;  // SHA256WITHRSA
  WallTime from{};
  WallTime until{};
};

// Where the certificate with that ARN lies; the files may not be there.
TlsCertificate files_of(const Desired& desired, const std::string& arn);

struct Codes {
  const char* malformed;  // MalformedCertificate
  const char* mismatch;   // KeyPairMismatch
};
// In the place of what is there. PEM texts; `chain` may be empty. What is wrong with them is
// refused with one of `codes`.
aws::Reply<About> write(const Desired& desired, const std::string& arn,
                        const std::string& certificate, const std::string& chain,
                        const std::string& key, const Codes& codes);
aws::Reply<About> read(const Desired& desired, const std::string& arn);
void remove(const Desired& desired, const std::string& arn);

}  // namespace weir::amazon::certificates
