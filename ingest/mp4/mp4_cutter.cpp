#include "ingest/mp4/mp4_cutter.h"

#include <fmt/format.h>

#include <optional>

#include "ingest/base/try.h"
#include "ingest/cut/cutter_base.h"
#include "ingest/mp4/mp4_boxes.h"

namespace framewire {
namespace {

using mp4::four_cc;

bool is_four_cc(mp4::FourCc type) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    const std::uint32_t c = (type >> shift) & 0xff;
    if (c < 0x20 || (c > 0x7e && c != 0xa9)) return false;  // A9: QuickTime's (c)
  }
  return true;
}

class Mp4Cutter final : public CutterBase {
 public:
  Mp4Cutter(const CutterOptions& options, PartSink& sink) : CutterBase(options.limits, sink) {}

 private:
  // The run is the init so far (in_init_), or what stands before a moof, or that and the moof.
  Result<void> cut() override {
    while (true) {
      ASSIGN_OR_RETURN(const auto head, mp4::read_box_head(rest(), rest_offset()));
      if (!head) return {};
      RETURN_IF_ERROR(check_head(*head));
      if (rest().size() < head->size) return {};
      RETURN_IF_ERROR(on_box(*head));
    }
  }

  // All that can be said before the box is whole.
  Result<void> check_head(const mp4::BoxHead& head) const {
    if (!is_four_cc(head.type)) return malformed("bytes that are no MP4 box", 4);
    const auto name = [&] { return mp4::to_text(head.type); };
    if (head.size == 0)
      return fail(Errc::unsupported_format,
                  fmt::format("an MP4 box '{}' that runs to the end of the stream: send fragmented "
                              "MP4, whose boxes have sizes",
                              name()),
                  rest_offset());
    const bool init = in_init_ || starts_init(head.type);
    if (init && head.type == four_cc("mdat"))
      return fail(Errc::unsupported_format,
                  "an MP4 file with 'mdat' before 'moov' cannot be sent live: write it with "
                  "ffmpeg -movflags frag_keyframe+empty_moov+default_base_moof",
                  rest_offset());
    if (init && (head.type == four_cc("moof") || head.type == four_cc("styp")))
      return malformed(fmt::format("an MP4 '{}' before 'ftyp' and 'moov'", name()));
    if (rest_offset() == 0 && !starts_init(head.type))
      return malformed(fmt::format("an MP4 that begins with '{}', not 'ftyp'", name()));
    if (has_moof_ && head.type == four_cc("moof")) return malformed("an MP4 'moof' without 'mdat'");
    if (has_moof_ && starts_init(head.type))
      return malformed(fmt::format("an MP4 '{}' between 'moof' and 'mdat'", name()));
    const std::size_t before = starts_init(head.type) && !in_init_ ? 0 : run().size();
    const std::size_t limit = init ? limits().init_bytes : limits().element_bytes;
    if (head.size > limit || before > limit - head.size)
      return fail(Errc::limit_exceeded,
                  fmt::format("{} with an MP4 box '{}' of {} bytes is over its limit of {}",
                              init ? "an init segment" : "a fragment", name(), head.size, limit),
                  rest_offset());
    return {};
  }

  Result<void> on_box(const mp4::BoxHead& head) {
    const auto size = static_cast<std::size_t>(head.size);
    const mp4::Box box{head.type, rest_offset(),
                       rest().subspan(head.head_bytes, size - head.head_bytes),
                       rest_offset() + head.head_bytes};
    if (starts_init(head.type) && !in_init_) {
      emit_loose();
      in_init_ = true;
    }
    if (in_init_) return on_init_box(box, size);
    switch (head.type) {
      case four_cc("moof"): {
        Result<mp4::Fragment> fragment = mp4::read_moof(box, movie_);
        if (!fragment) return tl::make_unexpected(fragment.error());
        if (fragment->pts_us) facts_.pts_us = *fragment->pts_us;
        facts_.group_start = fragment->group_start;
        has_moof_ = true;
        take(size);
        return {};
      }
      case four_cc("mdat"):  // without a moof: more data of the fragment before
        take(size);
        emit_run();
        facts_.group_start = has_moof_ = false;
        return {};
      case four_cc("mfra"):
        if (has_moof_) break;
        emit_loose();
        take(size);
        emit_loose();
        return {};
      default:
        break;
    }
    take(size);
    return {};
  }

  Result<void> on_init_box(const mp4::Box& box, std::size_t size) {
    if (box.type != four_cc("moov")) {
      take(size);
      return {};
    }
    Result<mp4::Movie> movie = mp4::read_moov(box, limits().tracks);
    if (!movie) return tl::make_unexpected(movie.error());
    movie_ = std::move(*movie);
    take(size);
    sink().on_epoch(epoch());
    CutPart init;
    init.init = true;
    emit_run(init);
    in_init_ = false;
    facts_ = {};
    return {};
  }

  EpochInfo epoch() const {
    EpochInfo info;
    info.format = Format::mp4;
    std::string codecs;
    for (const mp4::Track& track : movie_.tracks) {
      info.tracks.push_back(track.info);
      if (track.info.kind == TrackKind::other) continue;
      codecs += (codecs.empty() ? "" : ",") + track.info.codec;
    }
    info.mime =
        fmt::format("{}/mp4; codecs=\"{}\"", movie_.has_video() ? "video" : "audio", codecs);
    return info;
  }

  // Boxes that belong to no fragment: a part that starts nothing.
  void emit_loose() {
    facts_.group_start = false;
    emit_run();
  }
  static bool starts_init(mp4::FourCc type) {
    return type == four_cc("ftyp") || type == four_cc("moov");
  }
  // A fragment goes out with its mdat; what stands before a moof waits for it.
  void flush(bool at_end) override {
    if (at_end && !in_init_ && !has_moof_) emit_loose();
  }
  std::string_view element_name() const override {
    if (!rest().empty()) return "an MP4 box";
    return in_init_ ? "the init segment: 'moov' is missing" : "a fragment: 'mdat' is missing";
  }

  mp4::Movie movie_;
  bool in_init_ = true;    // ftyp and moov are still to come
  bool has_moof_ = false;  // the run ends with a moof (and perhaps boxes behind it)
};

}  // namespace

std::unique_ptr<Cutter> make_mp4_cutter(const CutterOptions& options, PartSink& sink) {
  return std::make_unique<Mp4Cutter>(options, sink);
}

}  // namespace framewire
