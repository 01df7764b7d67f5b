// Where recordings go: patterns of addresses, and the names in them as S3 signs them.
#include "relay/fetch/upload_url.h"

#include <gtest/gtest.h>

#include <string>

namespace framewire::relay {
namespace {

constexpr const char* kId = "cam/2026-11-22_10-00-00.webm";

struct Good {
  const char* url;
  const char* endpoint;
  const char* region;
  const char* made;  // of stream cam, kId
};

TEST(UploadUrl, IsMadeOfAPattern) {
  const Good rows[] = {
      {"https://a.example", "", "us-east-1", "https://a.example/cam/2026-11-22_10-00-00.webm"},
      {"https://a.example/", "", "us-east-1", "https://a.example/cam/2026-11-22_10-00-00.webm"},
      {"https://a.example/in/{stream}/x-{file}", "", "us-east-1",
       "https://a.example/in/cam/x-2026-11-22_10-00-00.webm"},
      {"https://a.example/{stream}{stream}/{id}.new", "", "us-east-1",
       "https://a.example/camcam/cam/2026-11-22_10-00-00.webm.new"},
      {"http://127.0.0.1:81/a%20b/{file}", "", "us-east-1",
       "http://127.0.0.1:81/a%20b/2026-11-22_10-00-00.webm"},
      {"s3://films", "", "us-east-1",
       "https://films.s3.us-east-1.amazonaws.com/cam/2026-11-22_10-00-00.webm"},
      {"s3://films/", "", "cn-north-1",
       "https://films.s3.cn-north-1.amazonaws.com.cn/cam/2026-11-22_10-00-00.webm"},
      {"s3://my.films/a", "", "eu-west-1",
       "https://s3.eu-west-1.amazonaws.com/my.films/a/cam/2026-11-22_10-00-00.webm"},
      {"s3://films/a b+c/\xc3\xa4/{file}", "http://localhost:9000/", "here",
       "http://localhost:9000/films/a%20b%2Bc/%C3%A4/2026-11-22_10-00-00.webm"},
      {"s3://films/100%/{file}", "https://s3.example:9000", "here",
       "https://s3.example:9000/films/100%25/2026-11-22_10-00-00.webm"},
      {"s3://films/it's(*)!~/{file}", "https://s3.example", "here",
       "https://s3.example/films/it%27s%28%2A%29%21~/2026-11-22_10-00-00.webm"},
  };
  for (const Good& row : rows) {
    const auto pattern = UploadPattern::read(row.url, row.endpoint, row.region);
    ASSERT_TRUE(pattern) << row.url << ": " << pattern.error().what;
    EXPECT_EQ(pattern->url_of("cam", kId), row.made);
    EXPECT_EQ(pattern->is_s3(), std::string{row.url}.starts_with("s3:"));
  }
}

TEST(UploadUrl, OddNamesAreEncodedOnceAndInCapitals) {
  EXPECT_EQ(percent_encoded("a/b c", true), "a/b%20c");
  EXPECT_EQ(percent_encoded("a/b=+&\xff", false), "a%2Fb%3D%2B%26%FF");
  EXPECT_EQ(percent_encoded("%20", true), "%2520");
  EXPECT_EQ(percent_encoded("AZaz09-._~", true), "AZaz09-._~");
}

struct Bad {
  const char* url;
  const char* endpoint;
  const char* region;
  const char* says;
};

TEST(UploadUrl, WhatIsWrongIsSaid) {
  const std::string long_one = "https://a.example/" + std::string(1'000, 'x');
  const Bad rows[] = {
      {"", "", "r", "https://HOST"},
      {"films", "", "r", "https://HOST"},
      {"file:///etc/{file}", "", "r", "only https"},
      {"ftp://a.example/{id}", "", "r", "only https"},
      {"http://a.example/{id}", "", "r", "only https"},
      {"https://me:secret@a.example/{id}", "", "r", "user's name"},
      {"https://a.example/{id}?key=secret", "", "r", "secret"},
      {"https://a.example/{id}#x", "", "r", "?"},
      {"https://a.example/{stream}", "", "r", "without {file} or {id}"},
      {"https://a.example/{name}/{id}", "", "r", "{stream}, {file} or {id} only"},
      {"https://a.example/{id", "", "r", "{stream}, {file} or {id} only"},
      {"https://a.example/id}", "", "r", "} stands alone"},
      {"https://{stream}.example/{id}", "", "r", "path"},
      {"https://a.example/a b/{id}", "", "r", "no URL"},
      {"https://a.example/{id}", "https://s3.example", "r", "for s3:// only"},
      {"s3://", "", "r", "bucket"},
      {"s3://ab/{id}", "", "r", "bucket"},
      {"s3://-abc/{id}", "", "r", "bucket"},
      {"s3://a@b/{id}", "", "r", "bucket"},
      {"s3://films", "", "", "region"},
      {"s3://films", "", "a/b", "region"},
      {"s3://films", "http://a.example", "r", "only https"},
      {"s3://films", "file:///tmp", "r", "endpoint"},
      {"s3://films", "https://a.example?x", "r", "endpoint"},
      {"s3://films", "https://me:secret@a.example", "r", "user's name"},
      {"s3://films/{stream}", "https://a.example", "r", "without {file} or {id}"},
      {"s3://films/a/../{id}", "", "r", ". or .."},
      {"https://a.example/./{id}", "", "r", ". or .."},
      {"https://a.example/{id}/..", "", "r", ". or .."},
      {long_one.c_str(), "", "r", "more than"},
  };
  for (const Bad& row : rows) {
    const auto pattern = UploadPattern::read(row.url, row.endpoint, row.region);
    ASSERT_FALSE(pattern) << row.url;
    EXPECT_NE(pattern.error().what.find(row.says), std::string::npos)
        << row.url << ": " << pattern.error().what;
    EXPECT_EQ(pattern.error().what.find("me:"), std::string::npos) << pattern.error().what;
  }
}

}  // namespace
}  // namespace framewire::relay
