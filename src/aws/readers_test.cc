// What readers refuse: bodies that would cost more than they are worth, or that are none.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "aws/cbor.h"
#include "aws/form.h"
#include "aws/json.h"
#include "aws/xml.h"

namespace weir::aws {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string made;
  for (std::size_t i = 0; i < times; ++i) made += text;
  return made;
}

TEST(Cbor, ReadsDefiniteAndIndefiniteLengthsAlike) {
  const std::string definite =
      "\xa1\x61k\x82\x61"
      "a\x62"
      "bc";
  const std::string indefinite =
      "\xbf\x61k\x9f\x61"
      "a\x7f\x61"
      "b\x61"
      "c\xff\xff\xff";

  EXPECT_EQ(parse_cbor(definite).value(), parse_cbor(indefinite).value());
}

TEST(Cbor, RefusesWhatEndsEarlyGoesOnOrNestsWithoutEnd) {
  EXPECT_FALSE(parse_cbor("\x82\x01"));
  EXPECT_FALSE(parse_cbor("\x01\x01"));
  EXPECT_FALSE(parse_cbor("\x5b\xff\xff\xff\xff\xff\xff\xff\xff"));
  EXPECT_FALSE(parse_cbor(repeated("\x81", 100'000) + "\x01"));
  EXPECT_FALSE(parse_cbor("\x9f" + repeated("\x01", kMostValues + 1) + "\xff"));
}

TEST(Json, RefusesMoreValuesThanABodyHas) {
  EXPECT_FALSE(parse_json("[0" + repeated(",0", kMostValues) + "]"));
  EXPECT_TRUE(parse_json(repeated("[", 100'000) + repeated("]", 100'000)));
}

TEST(Xml, ExpandsNoEntityOfTheDocument) {
  const Shape text{.name = "Text", .kind = Kind::string};
  Reading reading;

  const auto value = read_xml_value({.shape = &text},
                                    "<!DOCTYPE a [<!ENTITY b \"expanded\">]><a>&b;</a>", reading);

  ASSERT_TRUE(value);
  EXPECT_EQ(*value->as<std::string>(), "&b;");
}

TEST(Xml, RefusesWhatIsNoneAndTooMuch) {
  const Shape text{.name = "Text", .kind = Kind::string};
  Reading reading;

  EXPECT_FALSE(read_xml_value({.shape = &text}, "<a><b></a>", reading));
  EXPECT_FALSE(
      read_xml_value({.shape = &text}, "<a>" + repeated("<b/>", kMostValues) + "</a>", reading));
}

TEST(Form, RefusesMoreParametersAndLevelsThanACallHas) {
  EXPECT_FALSE(read_form(repeated("a=1&", Form::kMostPairs + 1)));
  EXPECT_FALSE(read_form(repeated("a.", 100'000) + "b=1"));
}

TEST(Form, OrdersItemsByTheirNumbers) {
  const auto form = read_form("L.10=c&L.2=b&L.1=a&L.x=d");

  std::string found;
  for (const Form* item : form->child("L")->numbered()) found += item->value;

  EXPECT_EQ(found, "abc");
}

}  // namespace
}  // namespace weir::aws
