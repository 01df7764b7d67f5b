#include "tools/serving/serve_upload_rows.h"

#include <fmt/format.h>

#include "relay/fetch/upload_sender.h"
#include "relay/fetch/upload_url.h"
#include "tools/serving/option_row_kinds.h"

namespace framewire::cli {
namespace {

using relay::Config;
using std::chrono::milliseconds;
using namespace std::chrono_literals;
using Kind = OptionRow::Kind;

constexpr const char* kAlways = "always";
constexpr const char* kUntilUploaded = "until-uploaded";

// A text that is judged beside the others.
OptionRow text_row(std::string name, std::string shape, Place<std::string> place,
                   std::string help) {
  return {std::move(name),
          std::move(shape),
          {},
          std::move(help),
          default_of(place),
          Kind::value,
          [place](ServeSettings& to, Texts texts) -> Parsed<void> {
            place(to.config) = texts[0];
            return {};
          }};
}

OptionRow keep_row() {
  return {
      "upload-keep",
      "WHEN",
      {},
      "The file here is kept always, or until-uploaded: then it goes once the server was asked "
      "for it and has as many bytes",
      kAlways,
      Kind::value,
      [](ServeSettings& to, Texts texts) -> Parsed<void> {
        if (texts[0] != kAlways && texts[0] != kUntilUploaded)
          return tl::make_unexpected(fmt::format("{} or {} is expected", kAlways, kUntilUploaded));
        to.config.upload_then_remove = texts[0] == kUntilUploaded;
        return {};
      }};
}

}  // namespace

std::vector<OptionRow> upload_rows() {
  return {
      fixed(text_row(
          "upload-url", "URL", [](Config& c) -> std::string& { return c.upload_url; },
          "PUT each finished recording there: https://HOST/PATH/{id}, or s3://BUCKET/PREFIX. {id} "
          "= its path below --record-dir, {file} = the last part of that, {stream} = the stream's "
          "name; without any, /{id} follows. http: of this machine only")),
      fixed(text_row(
          "upload-endpoint", "URL", [](Config& c) -> std::string& { return c.upload_endpoint; },
          "The S3 server, https://HOST[:PORT]; without it Amazon's of the region")),
      fixed(text_row(
          "upload-region", "NAME", [](Config& c) -> std::string& { return c.upload_region; },
          "Its region, which signatures name")),
      fixed(file(
          "upload-keys", [](Config& c) -> std::string& { return c.upload_keys_file; },
          "A file of lines NAME = VALUE: aws_access_key_id, aws_secret_access_key and, if there is "
          "one, aws_session_token; or, for https:, user and password, or bearer. Without it "
          "AWS_ACCESS_KEY_ID and so on of the environment")),
      fixed(keep_row()),
      fixed(count<std::size_t>(
          "upload-parallel", [](Config& c) -> std::size_t& { return c.upload_parallel; }, 1, 16,
          "Recordings sent at a time")),
      fixed(size(
          "upload-rate", [](Config& c) -> std::size_t& { return c.upload_rate; }, 0, 16 * kGiB,
          "Bytes per second of all of these; 0 = as fast as it goes")),
      fixed(size(
          "upload-part", [](Config& c) -> std::size_t& { return c.upload_part; }, relay::kLeastPart,
          relay::kMostPart,
          "S3: files that are larger are sent in parts of so much, and go on by the part after an "
          "interruption or a restart")),
      fixed(count<std::size_t>(
          "upload-queue", [](Config& c) -> std::size_t& { return c.upload_queue; }, 1, 1'000'000,
          "Recordings that wait for their turn in memory; more wait on the disk")),
      fixed(duration(
          "upload-timeout", [](Config& c) -> milliseconds& { return c.upload_timeout; }, 1s, 1h,
          "How long nothing may move before a try has failed")),
      fixed(duration(
          "upload-give-up", [](Config& c) -> milliseconds& { return c.upload_give_up; }, 1s, 8'760h,
          "How long a recording is tried again, from the first try on; the API or the next start "
          "begins anew")),
  };
}

std::string why_no_uploads(const Config& config) {
  if (config.upload_url.empty()) return {};
  if (config.record_dir.empty())
    return "--upload-url needs --record-dir DIR, where recordings are made";
  const auto pattern =
      relay::UploadPattern::read(config.upload_url, config.upload_endpoint, config.upload_region);
  return pattern ? "" : "--upload-url: " + pattern.error().what;
}

}  // namespace framewire::cli
