#include "relay/fetch/upload_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace framewire::relay {
namespace {

std::string_view without_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::string* place_of(UploadKeys& keys, std::string_view name) {
  const std::array<std::pair<std::string_view, std::string*>, 6> places = {
      {{"aws_access_key_id", &keys.key_id},
       {"aws_secret_access_key", &keys.secret},
       {"aws_session_token", &keys.session_token},
       {"user", &keys.user},
       {"password", &keys.password},
       {"bearer", &keys.bearer}}};
  for (const auto& [known, place] : places)
    if (name == known) return place;
  return nullptr;
}

}  // namespace

Result<UploadKeys> read_upload_keys(std::string_view text) {
  UploadKeys out;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto wrong = [&](std::string_view what) {
      return fail(Errc::refused, fmt::format("line {}: {}", number, what));
    };
    const std::string_view line = without_blanks(text.substr(0, text.find('\n')));
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
    if (line.empty() || line.front() == '#' || line.front() == ';' || line.front() == '[') continue;
    const std::size_t equals = line.find('=');
    if (equals == line.npos) return wrong("NAME = VALUE is wanted");
    std::string* place = place_of(out, without_blanks(line.substr(0, equals)));
    if (!place)
      return wrong(
          "a name is aws_access_key_id, aws_secret_access_key, aws_session_token, user, password "
          "or bearer");
    const std::string_view value = without_blanks(line.substr(equals + 1));
    if (value.empty()) return wrong("the value is missing");
    if (std::any_of(value.begin(), value.end(), [](char c) { return c < ' ' || c > '~'; }))
      return wrong("a value is of plain characters");
    if (!place->empty()) return wrong("it is said twice: give a file of one profile");
    *place = value;
  }
  return out;
}

std::string_view why_not_these_keys(const UploadKeys& keys, bool for_s3) {
  const bool s3 = !keys.key_id.empty() || !keys.secret.empty() || !keys.session_token.empty();
  const bool http = !keys.user.empty() || !keys.password.empty() || !keys.bearer.empty();
  if (for_s3 && http) return "user, password and bearer are for https://, not for s3://";
  if (!for_s3 && s3) return "keys of AWS are for s3://, not for https://";
  if (for_s3 && (keys.key_id.empty() || keys.secret.empty()))
    return "s3:// needs aws_access_key_id and aws_secret_access_key, in the file of --upload-keys "
           "or as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment";
  if (keys.user.empty() != keys.password.empty()) return "user and password go together";
  if (!keys.user.empty() && !keys.bearer.empty()) return "user and bearer exclude each other";
  return {};
}

}  // namespace framewire::relay
