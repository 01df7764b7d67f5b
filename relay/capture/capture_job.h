// One lossless capture: the way of its frames from the stream into a child process that encodes
// them into the recorder's file.
//
//   append() -> unwritten_ -> socket -> child -> .part        (recorder: begins, finalises it)
//                   ^                     |
//                   `----- news: written --'
//
// A frame, and sound, is kept until it is in the file, so a child that dies is followed by another,
// which goes on behind the last frame that was written. What the socket has no room for waits; the
// stream's credits bound it. Thread: the loop's. Lifetime: its stream's.
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "codec/capture.h"
#include "ingest/base/unique_fd.h"
#include "relay/child/child_channel.h"
#include "relay/child/child_watch.h"
#include "relay/record/recorder.h"
#include "relay/streams/capture.h"

namespace framewire::relay {

class CaptureHost;
struct Finalised;

class CaptureJob final : public CaptureWriter {
 public:
  CaptureJob(CaptureHost& host, const CaptureRequest& request, CaptureDelegate& delegate);
  ~CaptureJob() override;
  CaptureJob(const CaptureJob&) = delete;
  CaptureJob& operator=(const CaptureJob&) = delete;

  void start();
  // It encodes no more, or never did; its file may still be finished.
  bool over() const { return over_; }
  void configure(PartPtr config) override;
  void append(PartPtr frame, std::uint32_t hash) override;
  void append_sound(std::uint64_t first, Buffer samples) override;
  void finish(std::string incomplete) override;
  void cancel() override;
  // The host is going: the child ends, what is in the file is kept.
  void abandon();

 private:
  // A frame, or sound, or the config.
  struct Item {
    PartPtr part;  // null: sound
    Buffer samples;
    codec::CaptureHead head;
    Bytes payload() const { return part ? part->payload() : Bytes{samples}; }
  };
  void put(Item item);
  const Item* next_item() const;
  bool is_written(const Item& item) const;

  void on_file(tl::expected<Recorder::CaptureFile, RecordError> made);
  void start_child();
  void stop_child();
  void on_child_end(const codec::ChildEnd& end);
  void judge(const codec::ChildEnd& end);
  void fail(std::string code, CloseCode close, std::string what);
  void keep();
  void on_finalised(const Finalised& result);

  void send_more();
  bool send_piece(Bytes bytes);
  void watch();
  void on_poll(int events);
  void read();

  CaptureHost& host_;
  const std::string stream_;
  codec::CaptureSpec spec_;
  CaptureDelegate& delegate_;
  std::uint64_t number_ = 0;  // with the host; 0 = no longer
  Recorder* const recorder_;

  std::string id_;  // of the recording; "" = not begun
  UniqueFd file_;
  std::unique_ptr<ChildWatch> child_;
  ChildChannel channel_;
  bool closed_ = false;         // by the child, whose end is near
  Buffer news_;                 // an unfinished one
  unsigned fruitless_ = 0;      // children in a row that died before they wrote a frame
  std::uint64_t begun_at_ = 0;  // the first frame of this child

  std::optional<Item> config_;  // each child is told first
  bool config_sent_ = false;
  std::deque<Item> unwritten_;
  std::uint64_t frames_ = 0;    // that were appended
  std::uint64_t samples_ = 0;   // likewise
  std::size_t sent_ = 0;        // of unwritten_, to this child
  std::size_t sent_bytes_ = 0;  // of the item, or the end, that is being sent
  bool finishing_ = false;
  bool end_sent_ = false;
  bool over_ = false;  // no child any more: failed, or all is written
  std::string incomplete_;
};

}  // namespace framewire::relay
