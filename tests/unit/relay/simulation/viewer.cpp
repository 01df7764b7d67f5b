#include "tests/unit/relay/simulation/viewer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "ingest/wire/v1_header.h"
#include "ingest/wire/ws_frame.h"

namespace framewire::relay::simulation {

// ---- the socket

Sent SimulatedViewer::write(Bytes framed) {
  if (gone) ADD_FAILURE() << "written to after it was gone: " << state();
  if (full) ADD_FAILURE() << "written to while its socket is full: " << state();
  if (closed) return Sent::gone;
  if (chance_.percent(weather_.gone)) {
    gone = true;
    return Sent::gone;
  }
  read(framed);
  return took(!chance_.percent(weather_.full));
}

bool SimulatedViewer::make_ready(Bytes framed, SocketSend& to) {
  to = {socket_, framed};
  return !full && !gone && !closed && socket_ >= 0;
}

// What the socket did not take is held, so it is all there in the end.
Sent SimulatedViewer::sent(Bytes framed, std::int32_t result) {
  if (full || gone || closed) ADD_FAILURE() << "sent to though it was not ready: " << state();
  if (result < 0 && result != -EAGAIN) {
    gone = true;
    return Sent::gone;
  }
  read(framed);
  return took(result == static_cast<std::int32_t>(framed.size()));
}

Sent SimulatedViewer::took(bool all) {
  full = !all;
  return all ? Sent::all : Sent::kept;
}

// ---- what came

void SimulatedViewer::read(Bytes framed) {
  switch (viewer.framing) {
    case Framing::v1:
    case Framing::bare:
      return read_frames(framed);
    case Framing::http:
      return read_body(as_text(framed));
    case Framing::chunked:
      return read_chunks(framed);
  }
}

void SimulatedViewer::read_frames(Bytes frames) {
  while (!frames.empty()) {
    const auto head = read_ws_head(frames);
    if (!head || !*head || is_control((*head)->opcode) ||
        frames.size() < (*head)->header_bytes + (*head)->payload_bytes) {
      ADD_FAILURE() << "no whole frames: " << state();
      return;
    }
    const auto [opcode, body] = take_ws_frame(frames);
    if (opcode == WsOpcode::text)
      take_text(as_text(body));
    else if (viewer.framing == Framing::v1)
      take_v1(body);
    else
      take_part(as_text(body), std::nullopt);
  }
}

void SimulatedViewer::read_chunks(Bytes chunks) {
  while (!chunks.empty()) {
    std::size_t size = 0;
    const std::string_view text = as_text(chunks);
    std::from_chars(text.data(), text.data() + 8, size, 16);
    if (size == 0 || text.size() < size + 12 || text.substr(8, 2) != "\r\n" ||
        text.substr(10 + size, 2) != "\r\n") {
      ADD_FAILURE() << "no whole chunks: " << state();
      return;
    }
    read_body(text.substr(10, size));
    chunks = chunks.subspan(size + 12);
  }
}

// Parts, one behind the other; a body has no bounds of its own.
void SimulatedViewer::read_body(std::string_view body) {
  while (!body.empty()) {
    const auto found = find(body, true);
    if (!found) {
      ADD_FAILURE() << "bytes that nobody published: " << body.substr(0, 40) << ": " << state();
      return;
    }
    const std::size_t size = known(*found->life)[found->index].bytes.size();
    take_part(body.substr(0, size), std::nullopt);
    body.remove_prefix(size);
  }
}

void SimulatedViewer::take_text(std::string_view text) {
  if (viewer.framing != Framing::v1) ADD_FAILURE() << "a text to a bare viewer";
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) {
    ADD_FAILURE() << "no JSON: " << text;
    return;
  }
  const std::string type = json.value("type", "");
  if (type == "stream") {
    stream_told_ = true;
    ended_ = false;
  } else if (type == "skipped") {
    const auto from = json.at("from").get<std::uint64_t>(), to = json.at("to").get<std::uint64_t>();
    EXPECT_LT(from, to) << state();
    if (!may_jump_ && sequence_) {
      EXPECT_EQ(from, *sequence_ + 1) << state();
    }
    may_jump_ = true;
    skipped_to_ = to;
  } else if (type == "waiting") {
    may_jump_ = true;
    skipped_to_.reset();
  } else if (type == "end") {
    ended_ = true;
    sequence_.reset();
    skipped_to_.reset();
  }
}

void SimulatedViewer::take_v1(Bytes message) {
  const auto read = read_v1_part(message);
  if (!read) {
    ADD_FAILURE() << read.error().what << ": " << state();
    return;
  }
  const auto& [header, payload] = *read;
  if (ended_) ADD_FAILURE() << "a part after the end: " << state();
  if (!stream_told_) ADD_FAILURE() << "a part of what was not announced: " << state();
  if (skipped_to_ && !header.is_init()) {
    EXPECT_EQ(header.sequence, *skipped_to_) << "another part than `skipped` said: " << state();
    skipped_to_.reset();
  }
  if (const auto found = find(as_text(payload), false)) {
    const KnownPart& expected = known(*found->life)[found->index];
    EXPECT_EQ(header.is_init(), expected.init) << state();
    EXPECT_EQ(header.group_start(), expected.group_start) << state();
  }
  take_part(as_text(payload), header.sequence);
}

std::optional<SimulatedViewer::Found> SimulatedViewer::find(std::string_view bytes,
                                                            bool prefix) const {
  const auto fits = [&](const KnownPart& part) {
    return prefix ? bytes.starts_with(part.bytes) : bytes == part.bytes;
  };
  if (life_ && next_ < known(*life_).size() && fits(known(*life_)[next_]))
    return Found{life_, next_};
  for (auto life = lives_.rbegin(); life != lives_.rend(); ++life) {
    if (viewer.local_stream && (*life)->stream != viewer.local_stream->stream()) continue;
    const auto& parts = known(**life);
    for (std::size_t i = 0; i < parts.size(); ++i)
      if (fits(parts[i])) return Found{life->get(), i};
  }
  return std::nullopt;
}

void SimulatedViewer::take_part(std::string_view bytes, std::optional<std::uint64_t> sequence) {
  const auto found = find(bytes, false);
  if (!found) {
    ADD_FAILURE() << "a part that nobody published: " << bytes.substr(0, 40) << ": " << state();
    return;
  }
  EXPECT_TRUE(epoch_told_) << state();
  const auto& [life, index] = *found;
  const KnownPart& part = known(*life)[index];
  const std::string now = fmt::format("life {} part {}: ", life->number, index);
  if (life != life_) {
    EXPECT_EQ(past_.count(life), 0u) << "back to what was over: " << now << state();
    EXPECT_TRUE(index == 0 || (!known(*life)[0].init && part.group_start))
        << "a stream begins in its middle: " << now << state();
    if (life_) past_.insert(life_);
    life_ = life;
    may_jump_ = true;  // a late viewer: after the init, the newest group
  } else if (index != next_) {
    EXPECT_GT(index, next_) << "given twice: " << now << state();
    EXPECT_TRUE(part.group_start) << "skipped to the middle of a group: " << now << state();
    const bool after_init = next_ == 1 && known(*life)[0].init;
    if (viewer.framing == Framing::v1 && !after_init) {
      EXPECT_TRUE(may_jump_) << "left out in silence: " << now << state();
    }
    may_jump_ = false;
  } else {
    if (sequence && sequence_ && index > 1) {
      EXPECT_EQ(*sequence, *sequence_ + 1) << now << state();
    }
    may_jump_ = may_jump_ && part.init;
  }
  next_ = index + 1;
  sequence_ = sequence;
}

std::string SimulatedViewer::state() const {
  static constexpr const char* kFramings[] = {"v1", "bare", "http", "chunked"};
  static constexpr const char* kPlaces[] = {"joining", "live", "behind", "awaiting_group", "done"};
  return fmt::format("viewer {} of {} on loop {} ({}, {}): {}, next {}, life {} part {}{}{}{}{}",
                     socket_, viewer.local_stream ? viewer.local_stream->stream() : "-", hub,
                     kFramings[static_cast<std::size_t>(viewer.framing)],
                     viewer.rendition == Rendition::origin ? "origin" : "webm",
                     kPlaces[static_cast<std::size_t>(viewer.place)], viewer.next,
                     life_ ? static_cast<int>(life_->number) : -1, next_, full ? ", full" : "",
                     gone ? ", gone" : "", closed ? ", closed" : "", ended_ ? ", ended" : "");
}

}  // namespace framewire::relay::simulation
