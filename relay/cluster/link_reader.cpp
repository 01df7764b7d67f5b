#include "relay/cluster/link_reader.h"

#include <nlohmann/json.hpp>

#include "ingest/wire/v1_header.h"
#include "relay/cluster/epoch_text.h"
#include "relay/fanout/messages.h"

namespace framewire::relay {
namespace {

using nlohmann::json;

std::string text_of(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::uint64_t count_of(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

// As it was said, before a joiner was told that it was said before.
std::string without_history(json text) {
  text.erase("history");
  return text.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

void LinkReader::begin() {
  greeted_ = false;
  joining_ = true;
}

Result<void> LinkReader::take_text(std::string_view text) {
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object()) return fail(Errc::protocol, "a text that is no JSON object");
  const std::string type = text_of(object, "type");
  if (type == "home") return greet(object);
  if (type == "epoch") return begin_epoch(object);
  pass(type, object, text);
  return {};
}

Result<void> LinkReader::greet(const json& text) {
  greeted_ = true;
  if (const std::string home = text_of(text, "began"); home != home_) {
    home_ = home;
    home_epoch_ = 0;
  }
  add(LinkTitle{text_of(text, "title")});
  return {};
}

Result<void> LinkReader::begin_epoch(const json& text) {
  const auto number = static_cast<std::uint32_t>(count_of(text, "number"));
  const auto info = text.find("info");
  if (number == 0 || info == text.end() || !info->is_object())
    return fail(Errc::protocol, "an epoch without number or facts");
  repeats_ = number == home_epoch_;
  joining_ = true;
  if (repeats_) return {};
  auto read = read_epoch(*info);
  if (!read) return fail(Errc::protocol, "an epoch of a format that is not known here");
  home_epoch_ = number;
  add(LinkEpoch{++epoch_, *std::move(read)});
  return {};
}

Result<void> LinkReader::take_binary(Bytes message) {
  const auto part = read_v1_part(message);
  if (!part) return tl::make_unexpected(part.error());
  const V1Header& header = part->header;
  if (header.epoch != home_epoch_) return fail(Errc::protocol, "a part of an epoch not begun");
  if (header.is_init() && joining_ && repeats_) return {};
  if (!header.is_init() || !joining_) {
    if (repeats_ && header.sequence < home_next_) return {};
    const bool follows = joining_ && !repeats_;
    if (!follows && header.sequence != home_next_) {
      if (!header.group_start() && !header.is_init())
        return fail(Errc::protocol, "a gap that ends in the middle of a group");
      add(LinkGap{std::exchange(skipped_, "link")});
    }
    joining_ = false;
    repeats_ = false;
    home_next_ = header.sequence + 1;
  }
  if (!header.lead_in() && !header.is_init()) begins_ = false;
  PartFacts facts;
  facts.init = header.is_init();
  facts.group_start = header.group_start();
  facts.joiners_only = header.joiners_only();
  facts.lead_in = begins_ && header.lead_in();
  facts.epoch = epoch_;
  facts.sequence = sequence_++;
  facts.pts_us = header.pts_us;
  facts.received_wall_us = header.captured() ? wall_clock_us() : header.clock_us;
  facts.captured_wall_us = header.captured() ? header.clock_us : 0;
  facts.received = Clock::now();
  add(LinkPart{Part::make(facts, part->payload)});
  news_.bytes += part->payload.size();
  return {};
}

void LinkReader::pass(const std::string& type, const json& text, std::string_view whole) {
  if (type == "skipped") {
    skipped_ = text_of(text, "reason");
  } else if (type == "end") {
    add(LinkEnd{text_of(text, "reason")});
  } else if (type == "waiting") {
    const std::string reason = text_of(text, "reason");
    if (reason == "publisher-lost" || reason == "publisher-error")
      add(LinkState{{StreamState::lingering, reason}});
  } else if (type == "viewers") {
    add(LinkViewers{static_cast<std::size_t>(count_of(text, "count"))});
  } else if (type == "title") {
    add(LinkTitle{text_of(text, "title")});
  } else if (type == "message") {
    add(LinkText{text.contains("history") ? without_history(text) : std::string{whole},
                 TextKind::side});
  } else if (type == "muted" || type == "slow") {
    add(LinkText{std::string{whole}});
  } else if (type == "still") {
    add(LinkText{std::string{whole}, TextKind::control, true});
  } else if (type == "cleared") {
    add(LinkCleared{});
    add(LinkText{std::string{whole}});
  } else if (type == "to") {
    news_.direct.emplace_back(text_of(text, "sender"), text_of(text, "text"));
  }
}

}  // namespace framewire::relay
