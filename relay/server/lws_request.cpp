#include "relay/server/lws_request.h"

#include <libwebsockets.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace framewire::relay {
namespace {

constexpr int kMaxArguments = 32;

std::string header(lws* wsi, lws_token_indexes token) {
  const int size = lws_hdr_total_length(wsi, token);
  if (size <= 0) return {};
  std::string out(static_cast<std::size_t>(size) + 1, '\0');
  const int copied = lws_hdr_copy(wsi, out.data(), size + 1, token);
  out.resize(copied > 0 ? static_cast<std::size_t>(copied) : 0);
  return out;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

constexpr std::pair<lws_token_indexes, Method> kMethods[] = {
    {WSI_TOKEN_GET_URI, Method::get},     {WSI_TOKEN_HEAD_URI, Method::head},
    {WSI_TOKEN_POST_URI, Method::post},   {WSI_TOKEN_PUT_URI, Method::put},
    {WSI_TOKEN_DELETE_URI, Method::del},  {WSI_TOKEN_OPTIONS_URI, Method::options},
    {WSI_TOKEN_PATCH_URI, Method::other},
};

std::vector<std::string> arguments(lws* wsi) {
  std::vector<std::string> out;
  for (int i = 0; i < kMaxArguments; ++i) {
    const int size = lws_hdr_fragment_length(wsi, WSI_TOKEN_HTTP_URI_ARGS, i);
    if (size <= 0) break;
    std::string argument(static_cast<std::size_t>(size) + 1, '\0');
    const int copied =
        lws_hdr_copy_fragment(wsi, argument.data(), size + 1, WSI_TOKEN_HTTP_URI_ARGS, i);
    if (copied < 0) break;
    argument.resize(static_cast<std::size_t>(copied));
    out.push_back(std::move(argument));
  }
  return out;
}

}  // namespace

Request read_request(lws* wsi) {
  Request out;
  for (const auto& [token, method] : kMethods) {
    if (lws_hdr_total_length(wsi, token) <= 0) continue;
    out.method = method;
    out.path = header(wsi, token);
  }
  out.arguments = arguments(wsi);
  out.host = header(wsi, WSI_TOKEN_HOST);
  out.origin = header(wsi, WSI_TOKEN_ORIGIN);
  out.authorization = header(wsi, WSI_TOKEN_HTTP_AUTHORIZATION);
  out.if_none_match = header(wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH);
  out.range = header(wsi, WSI_TOKEN_HTTP_RANGE);
  out.if_range = header(wsi, WSI_TOKEN_HTTP_IF_RANGE);
  out.expect = lower(header(wsi, WSI_TOKEN_HTTP_EXPECT));
  out.transfer_encoding = lower(header(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING));
  const std::string length = header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH);
  std::uint64_t value = 0;
  if (!length.empty()) {
    const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), value);
    if (error == std::errc{} && end == length.data() + length.size()) out.content_length = value;
  }
  out.upgrade = header(wsi, WSI_TOKEN_UPGRADE);
  out.connection = header(wsi, WSI_TOKEN_CONNECTION);
  out.ws_version = header(wsi, WSI_TOKEN_VERSION);
  out.ws_key = header(wsi, WSI_TOKEN_KEY);
  out.ws_protocols = header(wsi, WSI_TOKEN_PROTOCOL);
  out.http_1_1 = header(wsi, WSI_TOKEN_HTTP) == "HTTP/1.1";
  return out;
}

}  // namespace framewire::relay
