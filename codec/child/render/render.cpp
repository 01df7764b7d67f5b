#include "codec/child/render/render.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xxhash.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "codec/child/av/ffmpeg_error.h"
#include "codec/child/av/ffmpeg_handles.h"
#include "codec/child/codecs/picture_decoder.h"
#include "codec/child/containers/ffmpeg_input.h"
#include "codec/child/render/animated_image.h"
#include "codec/child/render/film_file.h"
#include "codec/child/start/child_main.h"
#include "codec/render.h"
#include "ingest/base/try.h"
#include "ingest/pictures/packed_planes.h"

extern "C" {
#include <libavutil/pixdesc.h>
}

namespace framewire::codec {
namespace {

using nlohmann::json;

constexpr int kRenderSocket = kFirstDescriptor;
constexpr int kRenderedFile = kFirstDescriptor + 1;
constexpr int kSoundFile = kFirstDescriptor + 2;
constexpr std::size_t kMaxPicture = std::size_t{1} << 28;

// All of it; false: the other side has closed.
bool receive_all(std::byte* to, std::size_t size) {
  while (size > 0) {
    const ssize_t got = recv(kRenderSocket, to, size, MSG_WAITALL);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

// The same for the same pixels, whether they came with alpha or without.
std::uint64_t hash_of(const AVFrame& frame, Buffer& row) {
  std::unique_ptr<XXH64_state_t, XXH_errorcode (*)(XXH64_state_t*)> state{XXH64_createState(),
                                                                          XXH64_freeState};
  XXH64_reset(state.get(), 0);
  const AVPixFmtDescriptor& form = *av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
  const auto width = static_cast<std::size_t>(frame.width);
  if (frame.format == AV_PIX_FMT_RGB24) {
    row.assign(width * 4, std::byte{0xff});
    for (int y = 0; y < frame.height; ++y) {
      const std::uint8_t* from = frame.data[0] + std::ptrdiff_t{y} * frame.linesize[0];
      for (std::size_t x = 0; x < width; ++x) std::memcpy(row.data() + x * 4, from + x * 3, 3);
      XXH64_update(state.get(), row.data(), row.size());
    }
    return XXH64_digest(state.get());
  }
  for (int plane = 0; plane < av_pix_fmt_count_planes(static_cast<AVPixelFormat>(frame.format));
       ++plane) {
    const bool colour = plane == 1 || plane == 2;
    const int rows = colour ? AV_CEIL_RSHIFT(frame.height, form.log2_chroma_h) : frame.height;
    const int columns = colour ? AV_CEIL_RSHIFT(frame.width, form.log2_chroma_w) : frame.width;
    for (int y = 0; y < rows; ++y)
      XXH64_update(
          state.get(), frame.data[plane] + std::ptrdiff_t{y} * frame.linesize[plane],
          static_cast<std::size_t>(columns) * static_cast<std::size_t>(form.comp[plane].step));
  }
  return XXH64_digest(state.get());
}

class RenderChild {
 public:
  explicit RenderChild(const RenderSpec& spec) : spec_(spec) {}

  int run() {
    if (!spec_.container.empty()) {
      auto film = open_film();
      if (!film) return fail_with(film.error(), spec_.sound && is_of_sound(film.error()));
      film_ = *std::move(film);
    }
    for (std::uint64_t number = 0;; ++number) {
      std::array<std::byte, kPictureHeadBytes> bytes;
      if (!receive_all(bytes.data(), bytes.size()))
        return fail_with({Errc::internal, "the film was given up"});
      const PictureHead head = picture_head(bytes);
      if (head.bytes == 0) break;
      if (head.bytes > kMaxPicture)
        return fail_with({Errc::internal, fmt::format("a picture of {} bytes", head.bytes)});
      picture_.resize(head.bytes);
      if (!receive_all(picture_.data(), picture_.size()))
        return fail_with({Errc::internal, "the film was given up"});
      if (auto added = add(head.kind); !added) {
        Error error = std::move(added.error());
        error.what = fmt::format("frame {}: {}", number, error.what);
        return fail_with(error, film_ && film_->sound_failed());
      }
    }
    if (film_)
      if (auto finished = film_->finish(); !finished)
        return fail_with(finished.error(), film_->sound_failed());
    return 0;
  }

 private:
  Result<std::unique_ptr<Film>> open_film() const {
    if (AnimatedImage::makes(spec_.codec)) return AnimatedImage::open(spec_, kRenderedFile);
    return FilmFile::open(spec_, kRenderedFile, spec_.sound ? kSoundFile : -1);
  }

  // Before there is a file it is the sound that is malformed.
  static bool is_of_sound(const Error& error) { return error.code == Errc::malformed_media; }

  Result<void> add(PictureKind kind) {
    ASSIGN_OR_RETURN(const auto* const picture, decoded(kind));
    if (picture->width != static_cast<int>(spec_.width) ||
        picture->height != static_cast<int>(spec_.height))
      return fail(Errc::malformed_media,
                  fmt::format("a picture of {}x{} where {}x{} is due", picture->width,
                              picture->height, spec_.width, spec_.height));
    std::array<std::byte, 8> hash{};
    store_be(hash.data(), hash_of(*picture, row_));
    (void)send(kRenderSocket, hash.data(), hash.size(), MSG_NOSIGNAL);  // its end is read anyway
    return film_ ? film_->add(*picture) : Result<void>{};
  }

  Result<const AVFrame*> decoded(PictureKind kind) {
    if (kind == PictureKind::planes || kind == PictureKind::planes_alpha)
      return joined(kind == PictureKind::planes_alpha);
    ASSIGN_OR_RETURN(auto* const decoder, decoder_for(kind));
    return decoder->decode(picture_);
  }

  Result<const AVFrame*> joined(bool alpha) {
    const std::size_t width = spec_.width, height = spec_.height;
    if (!unpacker_) {
      unpacker_.emplace(colour_planes(width, height, alpha));
      ASSIGN_OR_RETURN(joined_, frame_of(AV_PIX_FMT_RGBA, width, height));
    }
    RETURN_IF_ERROR(unpacker_->unpack(picture_));
    join_colours(*unpacker_, alpha, width * height, joined_->data[0]);
    return joined_.get();
  }

  // Its rows have no gaps.
  static Result<FrameHandle> frame_of(AVPixelFormat format, std::size_t width, std::size_t height) {
    FrameHandle frame{av_frame_alloc()};
    if (!frame) return ffmpeg_failed("joining colours", AVERROR(ENOMEM));
    frame->format = format;
    frame->width = static_cast<int>(width);
    frame->height = static_cast<int>(height);
    if (const int failed = av_frame_get_buffer(frame.get(), 1); failed < 0)
      return ffmpeg_failed("joining colours", failed);
    return frame;
  }

  Result<PictureDecoder*> decoder_for(PictureKind kind) {
    if (const auto found = decoders_.find(kind); found != decoders_.end()) return &found->second;
    PictureOrigin origin;
    origin.format = kind == PictureKind::jpeg ? Format::jpeg : Format::png;
    origin.width = static_cast<int>(spec_.width);
    origin.height = static_cast<int>(spec_.height);
    origin.fps = spec_.fps;
    ASSIGN_OR_RETURN(auto decoder, PictureDecoder::open(origin));
    return &decoders_.emplace(kind, std::move(decoder)).first->second;
  }

  int fail_with(const Error& error, bool sound = false) const {
    json out{{"what", error.what}};
    if (film_ && film_->disk_error() != 0) {
      out["errno"] = film_->disk_error();
      out["what"] = std::strerror(film_->disk_error());
    } else if (sound) {
      out["sound"] = true;
    }
    fmt::print("{}", out.dump(-1, ' ', false, json::error_handler_t::replace));
    return 1;
  }

  const RenderSpec spec_;
  std::unique_ptr<Film> film_;  // null: pictures are only hashed
  std::map<PictureKind, PictureDecoder> decoders_;
  std::optional<PlaneUnpacker> unpacker_;
  FrameHandle joined_;
  Buffer picture_;
  Buffer row_;
};

}  // namespace

int render_command(std::span<const std::string> arguments) {
  limit_ffmpeg_memory();
  const auto spec = arguments.size() == 1
                        ? render_from_json(arguments[0])
                        : Result<RenderSpec>{fail(Errc::internal, "wrong arguments")};
  if (!spec) {
    fmt::print("{}", json{{"what", spec.error().what}}.dump());
    return 1;
  }
  return RenderChild{*spec}.run();
}

}  // namespace framewire::codec
