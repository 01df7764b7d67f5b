#include <fmt/format.h>
#include <zlib.h>

#include <array>

#include "ingest/base/try.h"
#include "ingest/intake/wrappers.h"
#include "ingest/intake/wrapping.h"

namespace framewire {
namespace {

constexpr int kGzip = 16 + MAX_WBITS;
constexpr std::size_t kPiece = 64u << 10;
constexpr std::uint64_t kFreeExpansion = 1u << 20;

class Gunzip final : public Unwrapper {
 public:
  Gunzip() { ready_ = inflateInit2(&stream_, kGzip) == Z_OK; }
  ~Gunzip() override {
    if (ready_) inflateEnd(&stream_);
  }
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;

  Result<void> feed(Bytes bytes, const Take& take) override {
    if (!ready_) return fail(Errc::internal, "no memory to read gzip");
    // zlib reads it only.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    in_ += bytes.size();
    bool more = stream_.avail_in > 0;
    while (more) {
      // Behind a member blocks are filled up with zeros (tar, tapes).
      while (ended_ && stream_.avail_in > 0 && *stream_.next_in == 0) {
        ++stream_.next_in;
        --stream_.avail_in;
      }
      if (stream_.avail_in == 0 && ended_) break;
      if (ended_) {
        inflateReset(&stream_);
        ended_ = false;
      }
      stream_.next_out = piece_.data();
      stream_.avail_out = kPiece;
      const int state = inflate(&stream_, Z_NO_FLUSH);
      const std::uint64_t at = in_ - stream_.avail_in;
      if (state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR)
        return fail(Errc::malformed_media,
                    fmt::format("broken gzip: {}", stream_.msg ? stream_.msg : "its data is wrong"),
                    at);
      const std::size_t made = kPiece - stream_.avail_out;
      out_ += made;
      if (out_ > kFreeExpansion && out_ / kMostExpansion > at)
        return fail(Errc::limit_exceeded,
                    fmt::format("gzip that becomes more than {} times as large", kMostExpansion),
                    at);
      ended_ = state == Z_STREAM_END;
      if (made > 0) RETURN_IF_ERROR(take(std::as_bytes(std::span{piece_.data(), made})));
      more = stream_.avail_in > 0 || (stream_.avail_out == 0 && !ended_);
    }
    return {};
  }
  Result<void> finish(const Take& /*take*/) override {
    if (ended_) return {};
    return fail(Errc::malformed_media, "the stream ends inside gzip", in_);
  }

 private:
  z_stream stream_{};
  bool ready_ = false;
  bool ended_ = false;  // a member; another one may follow
  std::uint64_t in_ = 0, out_ = 0;
  std::array<Bytef, kPiece> piece_{};
};

}  // namespace

std::unique_ptr<Unwrapper> make_gunzip() {
  return std::make_unique<Gunzip>();
}

}  // namespace framewire
