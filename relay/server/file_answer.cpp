#include "relay/server/file_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "relay/access/header_list.h"
#include "relay/http/byte_range.h"
#include "relay/http/http_head.h"
#include "relay/server/connection.h"
#include "relay/server/lws_loop.h"

namespace framewire::relay {
namespace {

constexpr std::size_t kBlockBytes = 128u << 10;

}  // namespace

FileAnswer::Wishes FileAnswer::wishes_of(const Request& request) {
  Wishes out;
  out.if_none_match = request.if_none_match;
  out.range = request.range;
  out.if_range = request.if_range;
  out.head_only = request.method == Method::head;
  return out;
}

FileAnswer::FileAnswer(Connection& connection, Wishes wishes)
    : connection_(connection), wishes_(std::move(wishes)) {}

FileAnswer::~FileAnswer() {
  if (reader_) reader_->close();
}

void FileAnswer::send(const std::string& path, std::string absent) {
  absent_ = std::move(absent);
  reader_ = FileReader::open(connection_.loop().uv(), path,
                             [this](const FileFacts& facts) { on_opened(facts); });
}

void FileAnswer::send(UniqueFd file) {
  reader_ = FileReader::adopt(connection_.loop().uv(), std::move(file),
                              [this](const FileFacts& facts) { on_opened(facts); });
}

void FileAnswer::on_opened(const FileFacts& facts) {
  if (facts.error == ENOENT || facts.error == ENOTDIR || facts.error == ELOOP) {
    connection_.respond(Refusal::not_found, absent_);
    return;
  }
  if (facts.error != 0) {
    connection_.respond(Refusal::internal, "the file cannot be read");
    return;
  }
  const auto range = judge_range(wishes_.range, wishes_.if_range, facts.etag, facts.size);
  HttpResponse head;
  head.content_type = wishes_.content_type;
  head.head_only = wishes_.head_only;
  head.extra_headers = wishes_.extra_headers;
  head.extra_headers += fmt::format(
      "Accept-Ranges: bytes\r\nETag: {}\r\nCache-Control: no-cache\r\n"
      "X-Content-Type-Options: nosniff\r\n{}",
      facts.etag, kEmbeddable);
  if (!wishes_.download_as.empty())
    head.extra_headers +=
        fmt::format("Content-Disposition: attachment; filename=\"{}\"\r\n", wishes_.download_as);
  if (names_tag(wishes_.if_none_match, facts.etag)) {
    head.status = 304;
    head.content_type = {};
    connection_.respond(head);
    return;
  }
  if (range.answer == ByteRange::Answer::unsatisfiable) {
    head.status = 416;
    head.content_type = {};
    head.extra_headers += fmt::format("Content-Range: bytes */{}\r\n", facts.size);
    connection_.hub().counters().refused(Refusal::bad_range);
    connection_.respond(head);
    return;
  }
  if (range.answer == ByteRange::Answer::part) {
    head.status = 206;
    head.extra_headers += fmt::format("Content-Range: bytes {}-{}/{}\r\n", range.from,
                                      range.from + range.size - 1, facts.size);
  }
  connection_.begin_answer(head, range.size);
  at_ = range.from;
  left_ = wishes_.head_only ? 0 : range.size;
  sending_ = true;
  progressed_ = connection_.loop().now();
  read_on();
}

void FileAnswer::read_on() {
  if (left_ == 0) {
    sending_ = false;
    connection_.complete();
    return;
  }
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, kBlockBytes));
  reader_->read(at_, size, [this](Bytes block) { on_block(block); });
}

void FileAnswer::on_block(Bytes block) {
  if (block.empty()) {  // it was cut short under our hands: the length we said cannot be kept
    connection_.kill();
    return;
  }
  at_ += block.size();
  left_ -= block.size();
  ahead_.assign(block.begin(), block.end());
  write_block();
}

void FileAnswer::write_block() {
  if (ahead_.empty() || connection_.ending()) return;
  if (connection_.has_pending()) {
    connection_.want_writeable();
    return;
  }
  const Buffer block = std::exchange(ahead_, {});
  progressed_ = connection_.loop().now();
  if (connection_.write(block) != Sent::gone) read_on();
}

void FileAnswer::on_writeable() {
  if (sending_) write_block();
}

void FileAnswer::tick(Time now) {
  if (!sending_) return;
  const std::size_t unsent = connection_.unsent_bytes();
  if (std::exchange(unsent_, unsent) != unsent) progressed_ = now;
  if (now - progressed_ > connection_.loop().config().stall_timeout) connection_.kill();
}

}  // namespace framewire::relay
