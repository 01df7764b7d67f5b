// What uploads are made of: files of keys, checksums, what servers' answers mean, sizes of parts.
#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <string>

#include "relay/fetch/upload_hash.h"
#include "relay/fetch/upload_keys.h"
#include "relay/fetch/upload_sender.h"
#include "relay/fetch/uploader.h"

namespace framewire::relay {
namespace {

using Kind = UploadResult::Kind;

TEST(UploadKeys, AreReadAsTheAwsCommandLineWritesThem) {
  const auto keys = read_upload_keys(
      "# mine\n[default]\naws_access_key_id = AKIA1\r\n  aws_secret_access_key=a/b+c==\n\n; more\n"
      "aws_session_token\t=\tt o k");
  ASSERT_TRUE(keys) << keys.error().what;
  EXPECT_EQ(keys->key_id, "AKIA1");
  EXPECT_EQ(keys->secret, "a/b+c==");
  EXPECT_EQ(keys->session_token, "t o k");
  EXPECT_EQ(why_not_these_keys(*keys, true), "");
  EXPECT_NE(why_not_these_keys(*keys, false), "");
}

TEST(UploadKeys, ErrorsNameTheLineAndNothingSecret) {
  struct Row {
    const char* text;
    const char* says;
  };
  const Row rows[] = {
      {"user = a\nhush", "line 2: NAME = VALUE"},
      {"hush = hush", "line 1: a name is"},
      {"\n\npassword =", "line 3: the value is missing"},
      {"bearer = hush\nbearer = hush", "line 2: it is said twice"},
      {"bearer = hush\x01x", "line 1: a value is of plain"},
      {"bearer = hush\x80", "line 1: a value is of plain"},
  };
  for (const Row& row : rows) {
    const auto keys = read_upload_keys(row.text);
    ASSERT_FALSE(keys) << row.text;
    EXPECT_EQ(keys.error().what.rfind(row.says, 0), 0u) << keys.error().what;
    EXPECT_EQ(keys.error().what.find("hush"), std::string::npos) << keys.error().what;
  }
  EXPECT_TRUE(read_upload_keys(""));
}

TEST(UploadKeys, BelongToOneKindOfServer) {
  const auto why = [](const char* text, bool s3) {
    return std::string{why_not_these_keys(read_upload_keys(text).value(), s3)};
  };
  EXPECT_EQ(why("", false), "");
  EXPECT_EQ(why("bearer = x", false), "");
  EXPECT_EQ(why("user = a\npassword = b", false), "");
  EXPECT_NE(why("user = a", false), "");
  EXPECT_NE(why("user = a\npassword = b\nbearer = c", false), "");
  EXPECT_NE(why("", true), "");
  EXPECT_NE(why("aws_access_key_id = a", true), "");
  EXPECT_NE(why("aws_access_key_id = a\naws_secret_access_key = b\nuser = c", true), "");
}

// FIPS 180-4 and RFC 1321, "abc".
TEST(UploadHash, OfAPieceOfAFile) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::tmpfile(), std::fclose};
  ASSERT_NE(std::fputs("xxabcyy", file.get()), EOF);
  std::fflush(file.get());
  const auto hashes = hashes_of(fileno(file.get()), 2, 3, {});
  ASSERT_TRUE(hashes);
  EXPECT_EQ(hashes->sha256_hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hashes->sha256_base64, "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
  EXPECT_EQ(hashes->md5_hex, "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(hashes->md5_base64, "kAFQmDzST7DWlj99KOF/cg==");
  EXPECT_EQ(hashes_of("abc").sha256_hex, hashes->sha256_hex);
  EXPECT_FALSE(hashes_of(fileno(file.get()), 2, 6, {})) << "it is shorter";
  EXPECT_FALSE(hashes_of(fileno(file.get()), 2, 3, [] { return true; })) << "it was to stop";
}

TEST(UploadAnswer, MeansAnotherTryOrNone) {
  struct Row {
    long status;
    const char* code;
    Kind kind;
  };
  const Row rows[] = {
      {500, "", Kind::again},
      {502, "", Kind::again},
      {503, "SlowDown", Kind::again},
      {507, "", Kind::again},
      {408, "", Kind::again},
      {425, "", Kind::again},
      {429, "", Kind::again},
      {200, "InternalError", Kind::again},
      {202, "", Kind::failed},
      {400, "RequestTimeout", Kind::again},
      {400, "BadDigest", Kind::again},
      {403, "RequestTimeTooSkewed", Kind::again},
      {409, "OperationAborted", Kind::again},
      {400, "", Kind::failed},
      {401, "", Kind::failed},
      {403, "SignatureDoesNotMatch", Kind::failed},
      {404, "NoSuchBucket", Kind::failed},
      {301, "PermanentRedirect", Kind::failed},
      {307, "", Kind::failed},
      {405, "", Kind::failed},
      {409, "", Kind::failed},
      {413, "EntityTooLarge", Kind::failed},
      {501, "NotImplemented", Kind::failed},
  };
  for (const Row& row : rows)
    EXPECT_EQ(judge_upload_response(row.status, row.code, "").kind, row.kind)
        << row.status << " " << row.code;
  const std::string said = judge_upload_response(403, "A\nB", std::string(1'000, 'x')).error;
  EXPECT_EQ(said.find("it was answered with 403 A B: xxx"), 0u) << said;
  EXPECT_LT(said.size(), 300u);
}

TEST(UploadAnswer, XmlIsReadAsFarAsNeeded) {
  const std::string xml =
      "<?xml version=\"1.0\"?>\n<Error><Code>A</Code><Message>a &lt;b&gt; &amp;lt; "
      "&quot;c&quot;</Message></Error>";
  EXPECT_EQ(xml_text(xml, "Code"), "A");
  EXPECT_EQ(xml_text(xml, "Message"), "a <b> &lt; \"c\"");
  EXPECT_EQ(xml_text(xml, "UploadId"), "");
  EXPECT_EQ(xml_text("<Code>cut", "Code"), "");
}

TEST(UploadPart, IsLargerWhereThereWouldBeTooMany) {
  constexpr std::uint64_t kMiB = 1u << 20;
  EXPECT_EQ(part_bytes_for(100 * kMiB, 64 * kMiB), 64 * kMiB);
  EXPECT_EQ(part_bytes_for(100 * kMiB, 1), kLeastPart);
  EXPECT_EQ(part_bytes_for(10'000 * 64 * kMiB, 64 * kMiB), 64 * kMiB);
  EXPECT_EQ(part_bytes_for(10'000 * 64 * kMiB + 1, 64 * kMiB), 64 * kMiB + 1);
  EXPECT_EQ(part_bytes_for(~std::uint64_t{0} / 2, kLeastPart), kMostPart);
}

TEST(UploadPause, GrowsToItsLimit) {
  const long seconds[] = {1, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300};
  for (unsigned failures = 0; failures < std::size(seconds); ++failures)
    EXPECT_EQ(upload_pause(failures), std::chrono::seconds{seconds[failures]}) << failures;
  EXPECT_EQ(upload_pause(~0u), std::chrono::seconds{300});
}

}  // namespace
}  // namespace framewire::relay
