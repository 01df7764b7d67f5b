#include "relay/http/file_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

namespace framewire::relay {
namespace {

FileReader& self(uv_fs_t* request) {
  return *static_cast<FileReader*>(request->data);
}

}  // namespace

FileReader* FileReader::open(uv_loop_t& loop, const std::string& path, Opened opened) {
  auto* reader = new FileReader(loop, std::move(opened));
  reader->busy_ = true;
  uv_fs_open(&loop, &reader->request_, path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
             0, [](uv_fs_t* request) { self(request).on_opened(); });
  return reader;
}

FileReader* FileReader::adopt(uv_loop_t& loop, UniqueFd file, Opened opened) {
  auto* reader = new FileReader(loop, std::move(opened));
  reader->file_ = file.release();
  reader->stat();
  return reader;
}

void FileReader::stat() {
  busy_ = true;
  uv_fs_fstat(&loop_, &request_, file_, [](uv_fs_t* request) { self(request).on_facts(); });
}

void FileReader::on_opened() {
  const auto result = request_.result;
  uv_fs_req_cleanup(&request_);
  busy_ = false;
  if (result >= 0) file_ = static_cast<int>(result);
  if (dropped()) return;
  if (file_ >= 0) {
    stat();
    return;
  }
  opened_({static_cast<int>(-result), 0, {}});
}

void FileReader::on_facts() {
  const auto result = request_.result;
  const uv_stat_t facts = request_.statbuf;
  uv_fs_req_cleanup(&request_);
  busy_ = false;
  if (dropped()) return;
  FileFacts out;
  if (result < 0)
    out.error = static_cast<int>(-result);
  else if (!S_ISREG(facts.st_mode))
    out.error = ENOENT;
  out.size = facts.st_size;
  out.etag = fmt::format("\"{:x}-{:x}{:x}-{:x}\"", facts.st_ino, facts.st_mtim.tv_sec,
                         facts.st_mtim.tv_nsec, facts.st_size);
  opened_(out);
}

void FileReader::read(std::uint64_t at, std::size_t size, std::function<void(Bytes)> got) {
  got_ = std::move(got);
  block_.resize(size);
  busy_ = true;
  uv_buf_t into = uv_buf_init(reinterpret_cast<char*>(block_.data()), static_cast<unsigned>(size));
  uv_fs_read(&loop_, &request_, file_, &into, 1, static_cast<std::int64_t>(at),
             [](uv_fs_t* request) { self(request).on_read(); });
}

void FileReader::on_read() {
  const auto result = request_.result;
  uv_fs_req_cleanup(&request_);
  busy_ = false;
  if (dropped()) return;
  const std::size_t size = result > 0 ? static_cast<std::size_t>(result) : 0;
  const auto got = std::exchange(got_, nullptr);
  got(Bytes{block_}.first(size));
}

void FileReader::close() {
  closed_ = true;
  if (!busy_) finish();
}

bool FileReader::dropped() {
  if (closed_) finish();
  return closed_;
}

void FileReader::finish() {
  if (file_ < 0) {
    delete this;
    return;
  }
  uv_fs_close(&loop_, &request_, std::exchange(file_, -1), [](uv_fs_t* request) {
    uv_fs_req_cleanup(request);
    delete &self(request);
  });
}

}  // namespace framewire::relay
