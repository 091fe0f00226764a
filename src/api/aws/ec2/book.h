// Ec2Book: what ec2 keeps of a tenant. The default network is kept by nobody: network.h derives it.
#pragma once

#include "api/aws/world/book.h"
#include "aws/models/ec2.h"

namespace weir::amazon::ec2 {

struct Ec2Book : BookOf<Ec2Book> {
  static constexpr std::string_view kService = "ec2";
  Shelf<aws::ec2::Vpc> vpcs;  // by id, as all of these
  Shelf<aws::ec2::Subnet> subnets;
  Shelf<aws::ec2::SecurityGroup> security_groups;
  Shelf<aws::ec2::LaunchTemplate> templates;
  Shelf<aws::ec2::LaunchTemplateVersion> versions;  // by version_key()
  Shelf<aws::ec2::TagDescription> others;           // tags of what is not kept here, by its id

  template <class Self, class Visit>
  static void shelves(Self& self, Visit visit) {
    visit("vpc", self.vpcs);
    visit("subnet", self.subnets);
    visit("security-group", self.security_groups);
    visit("launch-template", self.templates);
    visit("launch-template-version", self.versions);
    visit("other", self.others);
  }
};

// lt-0123/0000000002: in the order of the versions.
std::string version_key(std::string_view template_id, std::int64_t version);

}  // namespace weir::amazon::ec2
