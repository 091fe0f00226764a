#include "api/aws/ec2/parts.h"

#include "api/aws/ec2/lookup.h"

namespace weir::amazon::ec2 {

namespace {

// * is any text, ? one character.
bool like(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = pattern.npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p, ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (star != pattern.npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == pattern.npos;
}

}  // namespace

std::shared_ptr<Book> new_book() { return std::make_shared<Ec2Book>(); }

aws::Reply<bool> matches(const std::vector<aws::ec2::Filter>& filters, const Tags& tags,
                         const FilterValues& values) {
  for (const aws::ec2::Filter& filter : filters) {
    const std::string name = filter.Name.value_or("");
    std::optional<Texts> mine;
    if (name.starts_with("tag:")) {
      const auto tag = tags.find(name.substr(4));
      mine = tag == tags.end() ? Texts() : Texts{tag->second};
    } else if (name == "tag-key") {
      mine.emplace();
      for (const auto& [key, value] : tags) mine->push_back(key);
    } else {
      mine = values(name);
    }
    if (!mine) {
      return aws::refuse("InvalidParameterValue", fmt::format("The filter '{}' is invalid", name));
    }
    const bool hit = std::ranges::any_of(filter.Values, [&](const std::string& pattern) {
      return std::ranges::any_of(*mine,
                                 [&](const std::string& text) { return like(pattern, text); });
    });
    if (!hit) return false;
  }
  return true;
}

std::vector<aws::ec2::Tag> listed(const Tags& tags) {
  std::vector<aws::ec2::Tag> all;
  for (const auto& [key, value] : tags) all.push_back({.Key = key, .Value = value});
  return all;
}

Tags tags_for(const std::vector<aws::ec2::TagSpecification>& all, std::string_view type) {
  Tags tags;
  for (const aws::ec2::TagSpecification& one : all) {
    if (one.ResourceType != type) continue;
    for (const aws::ec2::Tag& tag : one.Tags) {
      tags[tag.Key.value_or("")] = tag.Value.value_or("");
    }
  }
  return tags;
}

Kept<aws::ec2::Vpc> default_vpc(const Tenant& tenant) {
  Kept<aws::ec2::Vpc> kept;
  kept.value.VpcId = default_vpc_id(tenant);
  kept.value.CidrBlock = "172.31.0.0/16";
  kept.value.IsDefault = true;
  kept.value.State = "available";
  kept.value.OwnerId = tenant.account;
  kept.value.InstanceTenancy = "default";
  kept.value.DhcpOptionsId = "dopt-" + hex_of(*kept.value.VpcId, 17);
  return kept;
}

std::vector<Kept<aws::ec2::Vpc>> all_vpcs(const Tenant& tenant, const Ec2Book& book) {
  std::vector<Kept<aws::ec2::Vpc>> all = {default_vpc(tenant)};
  for (const auto& [id, kept] : book.vpcs) all.push_back(*kept);
  return all;
}

}  // namespace weir::amazon::ec2
