// The file of --upload-keys: lines `name = value`, as ~/.aws/credentials has them; [section] lines,
// empty ones and those that begin with # or ; say nothing. Names: aws_access_key_id,
// aws_secret_access_key, aws_session_token for S3; user and password, or bearer, for plain HTTP.
// Pure. Thread: any. Errors: a sentence with the line's number, and nothing of a secret.
#pragma once
#include <string_view>

#include "ingest/base/error.h"
#include "relay/fetch/upload_request.h"

namespace framewire::relay {

inline constexpr std::size_t kUploadKeysBytes = 16u << 10;

Result<UploadKeys> read_upload_keys(std::string_view text);

// What is missing for S3, or too much for either; "" = nothing is.
std::string_view why_not_these_keys(const UploadKeys& keys, bool for_s3);

}  // namespace framewire::relay
