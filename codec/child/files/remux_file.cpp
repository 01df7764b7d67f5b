#include "codec/child/files/remux_file.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <utility>
#include <vector>

#include "codec/child/av/codec_table.h"
#include "codec/child/av/ffmpeg_error.h"
#include "codec/child/av/ffmpeg_version.h"
#include "codec/child/av/shape.h"
#include "codec/child/codecs/transcoder.h"
#include "codec/child/containers/file_output.h"
#include "codec/child/containers/matroska_pose.h"
#include "codec/child/containers/muxer.h"
#include "ingest/base/try.h"

extern "C" {
#include <libavutil/mem.h>
}

namespace framewire::codec {
namespace {

struct FileMuxer {
  std::string_view container;
  const char* name;
  const char* option;  // that makes the file seekable, beyond what the muxer does anyway
  const char* value;
};
constexpr std::array kMuxers = {
    FileMuxer{"webm", "webm", nullptr, nullptr},
    FileMuxer{"mkv", "matroska", nullptr, nullptr},
    FileMuxer{"mp4", "mp4", "movflags", "faststart"},
    FileMuxer{"flv", "flv", "flvflags", "add_keyframe_index"},
    FileMuxer{"ts", "mpegts", nullptr, nullptr},
    FileMuxer{"ogg", "ogg", nullptr, nullptr},
};

constexpr std::size_t kPosedHead = 1 << 20;  // a file's beginning, with its Tracks

bool is_plain(AVCodecID codec) {
  return codec == AV_CODEC_ID_PCM_S16LE || codec == AV_CODEC_ID_PCM_F32LE;
}

// What plain sound becomes there; none: it stays.
AVCodecID encoding_in(std::string_view container) {
  if (container == "mp4") return AV_CODEC_ID_AAC;
  if (container == "webm") return AV_CODEC_ID_OPUS;
  return AV_CODEC_ID_NONE;
}

tl::unexpected<CopyError> failed_with(const char* doing, int averror, int disk_error = 0) {
  return tl::make_unexpected(CopyError{ffmpeg_failed(doing, averror).value().what, disk_error});
}

class Copy {
 public:
  Copy(MediaFile& film, const FileMuxer& muxer, int fd, FilmSound sound, const FilmTags& tags)
      : film_(film), muxer_(muxer), sound_(sound), tags_(tags), fd_(fd), output_(fd) {}

  tl::expected<void, CopyError> run(std::int64_t to_us) {
    // MPEG-TS is a muxer that writes any codec, as data that no player knows.
    const bool anything =
        muxer_.container == "ts" && film_.input().iformat->name != std::string_view{"mpegts"};
    if (auto reason = anything ? misfit() : std::string{}; !reason.empty())
      return tl::make_unexpected(CopyError{std::move(reason), 0});
    RETURN_IF_ERROR(open());
    Options options;
    if (muxer_.option) options.set(muxer_.option, muxer_.value);
    if (posed_) options.set("write_crc32", std::int64_t{0});  // over what is to be changed
    if (const int result = avformat_write_header(&output_.context(), options.get()); result < 0) {
      if (auto reason = misfit(); !reason.empty())
        return tl::make_unexpected(CopyError{std::move(reason), 0});
      return failed_with("writing the header", result, disk_error());
    }
    int result = film_.read(to_us, [this](AVPacket& packet) { return write(packet); });
    for (std::size_t i = 0; i < transcoders_.size() && result >= 0; ++i)
      if (transcoders_[i]) result = transcode(i, nullptr);
    if (result < 0) return failed_with("writing", result, disk_error());
    if (film_.facts().packets == 0)
      return tl::make_unexpected(CopyError{"no sound and no picture in it", 0});
    if (const int added = add_chapters(); added < 0) return failed_with("writing", added);
    if (const int ended = output_.finish(); ended < 0)
      return failed_with("writing the index", ended, disk_error());
    if (const int error = posed_ ? flatten_pose() : 0; error != 0)
      return failed_with("writing how pictures are turned", AVERROR(error), error);
    return {};
  }

 private:
  tl::expected<void, CopyError> open() {
    if (const int result = output_.open(muxer_.name); result < 0)
      return failed_with("opening the muxer", result);
    AVFormatContext& context = output_.context();
    context.avoid_negative_ts = AVFMT_AVOID_NEG_TS_MAKE_ZERO;
    if (const int result = add_tags(context.metadata); result < 0)
      return failed_with("opening the muxer", result);
    transcoders_.resize(film_.tracks());
    for (std::size_t i = 0; i < film_.tracks(); ++i)
      if (const int result = add(i); result < 0) return failed_with("opening the muxer", result);
    return {};
  }

  int add_tags(AVDictionary*& to) const {
    for (const char* name : {"title", "creation_time", "date"}) {
      const AVDictionaryEntry* own = av_dict_get(film_.input().metadata, name, nullptr, 0);
      if (own)
        if (const int result = av_dict_set(&to, name, own->value, 0); result < 0) return result;
    }
    int result = 0;
    if (!tags_.title.empty()) result = av_dict_set(&to, "title", tags_.title.c_str(), 0);
    if (result < 0 || tags_.began_ms == 0) return result;
    const auto began = fmt::gmtime(static_cast<std::time_t>(tags_.began_ms / 1000));
    result =
        av_dict_set(&to, "creation_time", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", began).c_str(), 0);
    if (result < 0) return result;
    return av_dict_set(&to, "date", fmt::format("{:%Y-%m-%d}", began).c_str(), 0);
  }

  // Once all gaps are known. FFmpeg's muxers write what is there when they end.
  int add_chapters() {
    const FilmFacts facts = film_.facts();
    if (facts.gaps_us.empty() || muxer_.container == "ts" || muxer_.container == "ogg") return 0;
    std::vector<std::int64_t> from{0};
    from.insert(from.end(), facts.gaps_us.begin(), facts.gaps_us.end());
    output_.context().chapters =
        static_cast<AVChapter**>(av_calloc(from.size(), sizeof(AVChapter*)));
    if (!output_.context().chapters) return AVERROR(ENOMEM);
    for (std::size_t i = 0; i < from.size(); ++i) {
      auto* chapter = static_cast<AVChapter*>(av_mallocz(sizeof(AVChapter)));
      if (!chapter) return AVERROR(ENOMEM);
      output_.context().chapters[output_.context().nb_chapters++] = chapter;
      chapter->id = static_cast<std::int64_t>(i + 1);
      chapter->time_base = kMicroseconds;
      chapter->start = from[i];
      chapter->end = i + 1 < from.size() ? from[i + 1] : facts.duration_us;
      const int set =
          av_dict_set(&chapter->metadata, "title", fmt::format("Part {}", i + 1).c_str(), 0);
      if (set < 0) return set;
    }
    return 0;
  }

  int add(std::size_t index) {
    const AVStream& from = film_.track(index);
    AVStream* to = avformat_new_stream(&output_.context(), nullptr);
    if (!to) return AVERROR(ENOMEM);
    if (sound_ == FilmSound::encoded_if_plain && is_plain(from.codecpar->codec_id))
      if (const AVCodecID encoded = encoding_in(muxer_.container); encoded != AV_CODEC_ID_NONE)
        return add_encoded(index, encoded, *to);
    if (const int result = avcodec_parameters_copy(to->codecpar, from.codecpar); result < 0)
      return result;
    // The tag says how parameter sets come (avc1, avc3): it stays if the container knows it.
    const AVCodecTag* const* tags = output_.context().oformat->codec_tag;
    if (tags && av_codec_get_id(tags, from.codecpar->codec_tag) != from.codecpar->codec_id)
      to->codecpar->codec_tag = 0;
    if (!tags) to->codecpar->codec_tag = 0;
    to->time_base = from.time_base;
    to->disposition = from.disposition;
    to->sample_aspect_ratio = from.sample_aspect_ratio;
    const Shape shape = shape_of(from);
    // Muxers refuse two that differ: the container's is the one that players follow.
    if (shape.aspect_outside) to->codecpar->sample_aspect_ratio = shape.aspect;
    if (shape.matrix) {
      const bool matroska = muxer_.container == "webm" || muxer_.container == "mkv";
      const int result =
          matroska ? set_matroska_pose(*to, shape) : set_display_matrix(*to, shape.matrix->data());
      if (result < 0) return result;
      posed_ = posed_ || matroska;
    }
    if (muxer_.container == "mp4" && is_experiment_in_mp4(to->codecpar->codec_id))
      output_.context().strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL;
    to->avg_frame_rate = from.avg_frame_rate;
    return av_dict_copy(&to->metadata, from.metadata, 0);  // alpha_mode, language
  }

  int add_encoded(std::size_t index, AVCodecID codec, AVStream& to) {
    auto transcoder = Transcoder::open(*film_.track(index).codecpar, codec, {});
    if (!transcoder) return AVERROR_ENCODER_NOT_FOUND;
    transcoders_[index] = *std::move(transcoder);
    const AVCodecParameters& made = *transcoders_[index]->parameters();
    to.time_base = {1, made.sample_rate};
    const int result = avcodec_parameters_copy(to.codecpar, &made);
    to.codecpar->initial_padding = 0;  // its packets have the times of the sound already
    return result;
  }

  // nullptr: all has come. The packet's times are microseconds.
  int transcode(std::size_t index, const AVPacket* packet) {
    int result = 0;
    const auto done = transcoders_[index]->transcode(packet, [&](AVPacket& made) -> Result<void> {
      made.stream_index = static_cast<int>(index);
      av_packet_rescale_ts(&made, kMicroseconds, output_.context().streams[index]->time_base);
      result = av_interleaved_write_frame(&output_.context(), &made);
      if (result < 0) return ffmpeg_failed("writing", result);
      return {};
    });
    return done ? 0 : result < 0 ? result : AVERROR_INVALIDDATA;
  }

  int write(AVPacket& packet) {
    const auto index = static_cast<std::size_t>(packet.stream_index);
    if (transcoders_[index]) return transcode(index, &packet);
    av_packet_rescale_ts(&packet, kMicroseconds, output_.context().streams[index]->time_base);
    packet.pos = -1;
    return av_interleaved_write_frame(&output_.context(), &packet);
  }

  // In the file that is written. 0, or an errno.
  int flatten_pose() const {
    Buffer head(kPosedHead);
    const ssize_t got = ::pread(fd_, head.data(), head.size(), 0);
    if (got < 0) return errno;
    const std::span<std::byte> changed =
        flatten_matroska_pose(std::span{head}.first(static_cast<std::size_t>(got)));
    if (changed.empty()) return 0;
    const ssize_t put = ::pwrite(fd_, changed.data(), changed.size(), changed.data() - head.data());
    return put == static_cast<ssize_t>(changed.size()) ? 0 : put < 0 ? errno : ENOSPC;
  }

  // Why the container does not hold the film, if a codec is to blame.
  std::string misfit() const {
    const Output* output = output_named(muxer_.container);
    for (std::size_t i = 0; output && i < film_.tracks(); ++i)
      if (auto reason = why_not(*output, *film_.track(i).codecpar, Use::films); !reason.empty())
        return reason;
    return {};
  }

  int disk_error() const { return output_.disk_error(); }

  MediaFile& film_;
  const FileMuxer& muxer_;
  const FilmSound sound_;
  const FilmTags& tags_;
  const int fd_;
  bool posed_ = false;                                    // a track has a pose, in Matroska
  std::vector<std::unique_ptr<Transcoder>> transcoders_;  // by track; null: it is copied
  FileOutput output_;
};

}  // namespace

tl::expected<void, CopyError> remux_file(MediaFile& film, std::string_view container, int fd,
                                         std::int64_t to_us, FilmSound sound,
                                         const FilmTags& tags) {
  for (const FileMuxer& muxer : kMuxers)
    if (muxer.container == container) return Copy{film, muxer, fd, sound, tags}.run(to_us);
  return tl::make_unexpected(CopyError{fmt::format("no muxer makes .{}", container), 0});
}

}  // namespace framewire::codec
