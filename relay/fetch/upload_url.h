// Where a recording goes: --upload-url is a pattern, `https://host/path/{stream}/{file}` or
// `s3://bucket/prefix/{id}`; without a name in braces, /{id} is added. Pure. Thread: any.
// Source: RFC 3986 sections 2.1 to 2.3; Amazon S3 API reference, "Virtual hosting of buckets" and
// "Signature calculations"; s3:// is written as the AWS command line has it.
#pragma once
#include <string>
#include <string_view>

#include "ingest/base/error.h"

namespace framewire::relay {

// Everything but [A-Za-z0-9-._~] is percent-encoded, once, in capitals, and '/' unless it may stay:
// the form in which S3 signs a path.
std::string percent_encoded(std::string_view text, bool keep_slashes);

class UploadPattern {
 public:
  // endpoint: of an S3 server, `https://host[:port]`, "" = Amazon's of the region. Errors: a
  // sentence with what is wrong, whose fault it is and what would be right.
  static Result<UploadPattern> read(std::string_view url, std::string_view endpoint,
                                    std::string_view region);

  // Of one recording. {stream} is its stream's name, {id} its path below --record-dir, {file} the
  // last part of that.
  std::string url_of(std::string_view stream, std::string_view id) const;
  bool is_s3() const { return s3_; }

 private:
  bool s3_ = false;
  std::string base_;     // what stays as it is
  std::string pattern_;  // what follows it
};

}  // namespace framewire::relay
