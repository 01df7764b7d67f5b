// One epoch of an origin, from its bytes to the bytes of another container: its packets as they
// are, or transcoded where the output asks for it (track_pipeline.h), on one timeline
// (packet_times.h).
//   tracks    the first pictures and the first sound that can be had; the others are left out
//   promised  a track that does not come is waited for for kPatienceUs of the other one. One that
//             the header describes is waited for until more of the other one comes behind all that
//             was there, for it may stand behind a fragment of it. Then it is left out;
//             it joins when it comes, by a new beginning of the output: where that is a new epoch
//             (all but MPEG-TS and FLV), at the next keyframe, for its viewers would lose the
//             pictures up to it (kLongestJoinUs later anyway); what came of it until then stands
//             first in that epoch
//   a jump of the publisher's clock begins MP4 anew (its viewers see a new epoch) and MPEG-TS (with
//             discontinuity indicators); elsewhere it is not seen
//   a sound that stays away while pictures go on is silence in MP4 and WebM (sound_gap.h);
//             pictures that stay away while sound goes on begin them anew without pictures
//             (picture_gap.h), and join when they come
//   pictures that are shown before the keyframe that the output begins with are left out: they need
//             others, that came before
// Thread: one; run() blocks in its input and its output.
#pragma once
#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "codec/child/containers/muxer.h"
#include "codec/child/containers/packet_times.h"
#include "codec/child/containers/packets_reader.h"
#include "codec/child/live/picture_gap.h"
#include "codec/child/live/sound_gap.h"
#include "codec/child/live/track_pipeline.h"

namespace framewire::codec {

// What goes on over the epochs of one output.
struct OutputState {
  // For players that take no step back (TS, FLV).
  std::int64_t end_us = 0;                      // of all that was written
  std::array<std::int64_t, 2> last_us{-1, -1};  // decoding times of the newest picture, and sound
  unsigned muxers = 0;                          // that have written it
  // Sound that came too late for its epoch, for the next one if it goes on there.
  std::deque<PacketHandle> late;
  Buffer late_configuration;
};

class Remux {
 public:
  // A track, or what it is, and why it is not in the output: one sentence.
  using LeftOut = std::function<void(const std::string& what)>;

  // read: the epoch's init and parts, then 0.
  Remux(Format from, const Output& to, const JobSpec& job, ReadBytes read, WriteBytes write,
        LeftOut left_out, OutputState& state);
  // Until the epoch's end. Errors: unsupported_format (it does not fit: a sentence that names the
  // codec), malformed_media, internal.
  Result<void> run();
  // All that has come is read: what is held for the sake of order goes out. True: packets wait for
  // what comes next, and on_quiet() is to be called if nothing does for a while.
  bool on_idle();
  void on_quiet();

 private:
  struct Way {
    std::unique_ptr<TrackPipeline> pipeline;
    bool looked = false;                    // into its first packet
    bool came = false;                      // a packet of it was taken
    int track = -1;                         // of the muxer; -1 = none
    std::size_t held = 0;                   // packets
    bool jumped = false;                    // the output is to begin anew at its next keyframe
    std::optional<std::int64_t> begins_us;  // pictures: the keyframe's, shown
  };
  // In order of dts: until all tracks are ready, and each has a packet (an MP4 origin brings the
  // pictures of a fragment before its sound).
  struct Held {
    PacketHandle packet;
    std::size_t way;  // pictures are the first one
  };

  Result<void> open();
  Result<void> choose_tracks();
  Result<void> adopt();
  Result<void> choose(AVMediaType type, std::size_t from);
  void tell_others(std::size_t from) const;
  Result<void> look_into(AVStream& stream, const AVPacket& packet, Way& way);
  Result<void> put_in(PacketHandle packet, std::size_t way, bool jump);
  bool lose_pictures(const AVPacket& packet, const Way& way);
  bool may_join(const Way& way, const AVPacket& packet) const;
  Result<void> begin_anew();
  Result<void> finish();
  Result<void> take(PacketHandle packet, std::size_t way);
  bool leads(const Way& way, const AVPacket& packet) const;
  Result<void> release(bool all);
  bool may_open(bool all) const;
  bool may_stand_behind() const;
  bool promises_pictures() const;
  std::int64_t patience_us() const;
  std::int64_t held_us() const;
  void join_later(Held held);
  void leave_late();
  void take_late();
  Result<bool> fill_gap(const AVPacket& packet, const Way& way);
  Result<void> write(AVPacket& packet, const Way& way);
  Result<void> open_muxer();
  static bool is_ready(const Way& way) { return way.came && way.pipeline->ready(); }

  const Format from_;
  const Output& to_;
  const JobSpec& job_;
  ReadBytes read_;
  std::optional<PacketsReader> packets_;  // of an origin of packets
  ReadBytes matroska_ = [this](std::span<std::byte> to) { return packets_->read(to); };
  WriteBytes write_;
  LeftOut left_out_;
  OutputState& state_;
  IoHandle io_;
  InputHandle input_;
  PacketTimes times_;
  std::vector<Way> ways_;
  std::vector<int> way_of_;  // by the input's stream, -1 = left out
  PacketTimes::Take put_ = [this](PacketHandle packet, std::size_t way, bool jump) {
    return put_in(std::move(packet), way, jump);
  };
  std::unique_ptr<Muxer> muxer_;
  // Before the output begins, of what waits for another track, all of which has come: the newest.
  std::optional<std::int64_t> overdue_from_us_;
  bool overdue_ = false;                       // more came since, and not that track
  std::size_t before_bytes_ = 0;               // of what waits for it
  std::optional<std::int64_t> joins_from_us_;  // a sound is ready, and waits for a keyframe
  std::deque<Held> held_;
  std::deque<Held> joining_;  // of the sound that waits for a keyframe: at most kMaxHeld
  std::vector<Error>
      misfits_;  // kinds of track that nobody can have here; told once another is there
  std::optional<Error> idle_error_;
  std::int64_t shift_us_ = 0;
  bool shifted_ = false;
  SoundGap gap_;
  PictureGap pictures_;
  bool sound_alone_ = false;  // the output begins anew, and its pictures have gone
};

}  // namespace framewire::codec
