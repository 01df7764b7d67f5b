// What every cutter's fuzz target checks, whatever the input (ingest/cut/cutter.h, "Invariants"):
// origin parts end to end are a prefix of the input (or what is left of it, or made of it, by
// Origin); parts stay within Limits; on_epoch and an init part (where the format has one) come
// before media; an error repeats; the `webm` rendition, and what a late joiner gets, cut again
// without error. The first byte of the input chooses the cuts.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>

#include "ingest/cut/cutter.h"

namespace framewire::fuzz {

inline void check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

using MakeCutter = std::function<std::unique_ptr<Cutter>(const CutterOptions&, PartSink&)>;

// exact: the bytes fed. left_out: some of them are left out. made: others, in a container.
enum class Origin { exact, left_out, made };

struct Expectations {
  Origin origin = Origin::exact;
  bool has_init = true;  // the first part of each epoch is an init part
  bool joinable = true;  // init + the newest group start + what follows cuts without error
  Limits limits{.message_bytes = 1u << 20,
                .init_bytes = 16u << 10,
                .element_bytes = 64u << 10,
                .part_target_bytes = 2u << 10,
                .picture_side = 256};
  std::size_t largest_part() const {
    return std::max(limits.init_bytes, limits.part_target_bytes + limits.element_bytes) + 1024;
  }
};

class CheckingSink : public PartSink {
 public:
  CheckingSink(Bytes input, const Expectations& expect) : input_(input), expect_(expect) {}

  void on_epoch(const EpochInfo& info) override {
    check(!info.mime.empty(), "an epoch has a mime type");
    seen_epoch_ = true;
    if (++epochs_ % 16 == 0) regrouped.clear();  // enough to cut again
    seen_init_[0] = seen_init_[1] = false;
  }
  void on_part(Rendition rendition, const CutPart& part) override {
    check(seen_epoch_, "on_epoch comes before parts");
    check(!part.payload.empty(), "no part is empty");
    check(part.payload.size() <= expect_.largest_part(), "a part stays within the limits");
    check(!(part.init && part.group_start), "an init part starts no group");
    bool& seen_init = seen_init_[static_cast<std::size_t>(rendition)];
    check(seen_init || part.init || !expect_.has_init, "an init part comes before media");
    seen_init = seen_init || part.init;
    if (rendition == Rendition::origin) remember_for_joiners(part);
    if (rendition == Rendition::webm) {
      append(regrouped, part.payload);
    } else if (!part.joiners_only && expect_.origin == Origin::left_out) {
      const auto found = std::search(input_.begin() + static_cast<std::ptrdiff_t>(origin_bytes),
                                     input_.end(), part.payload.begin(), part.payload.end());
      check(found != input_.end() || part.init, "an origin part is of the bytes fed");
      if (found != input_.end())
        origin_bytes = static_cast<std::size_t>(found - input_.begin()) + part.payload.size();
    } else if (!part.joiners_only && expect_.origin == Origin::exact) {
      check(part.payload.size() <= input_.size() - origin_bytes &&
                std::equal(part.payload.begin(), part.payload.end(),
                           input_.begin() + static_cast<std::ptrdiff_t>(origin_bytes)),
            "origin parts equal the bytes fed");
      origin_bytes += part.payload.size();
    }
  }

  std::size_t origin_bytes = 0;
  Buffer regrouped;   // of the newest epochs
  Buffer for_joiner;  // init, then all from the newest group start on

 private:
  void remember_for_joiners(const CutPart& part) {
    if (part.init) init_.assign(part.payload.begin(), part.payload.end());
    if (part.group_start) for_joiner = init_;
    if (!part.joiners_only) append(for_joiner, part.payload);
  }

  Bytes input_;
  const Expectations& expect_;
  Buffer init_;
  std::size_t epochs_ = 0;
  bool seen_epoch_ = false;
  bool seen_init_[2] = {false, false};
};

// choice 0: whole; up to 199: pieces of that size; above: sizes that wander between 1 and 4,096.
inline Result<void> feed_cut(Cutter& cutter, Bytes bytes, std::uint8_t choice) {
  std::uint32_t wander = choice;
  while (!bytes.empty()) {
    wander = wander * 1'664'525u + 1'013'904'223u;
    const std::size_t size = choice == 0    ? bytes.size()
                             : choice < 200 ? std::size_t{choice}
                                            : 1 + (wander >> 8) % (1u << (wander >> 28) % 13);
    const std::size_t taken = std::min(size, bytes.size());
    if (auto fed = cutter.feed(bytes.first(taken)); !fed) return fed;
    bytes = bytes.subspan(taken);
  }
  return {};
}

// Feeds what a cutter gave out to a second one; gives its `webm` rendition.
inline Buffer check_cuts_again(Bytes stream, const MakeCutter& make, CutterOptions options,
                               const Expectations& expect) {
  Expectations wider = expect;  // the regrouped init part's Segment head may be longer
  wider.limits.init_bytes += 64;
  options.limits = wider.limits;
  CheckingSink sink(stream, wider);
  const auto cutter = make(options, sink);
  auto cut = cutter->feed(stream);
  if (cut) cut = cutter->finish();
  if (!cut)
    std::fprintf(stderr, "%s at %llu\n", cut.error().what.c_str(),
                 static_cast<unsigned long long>(cut.error().offset));
  check(cut.has_value(), "what was given out cuts again without error");
  return sink.regrouped;
}

inline int fuzz_cutter(const std::uint8_t* data, std::size_t size, const MakeCutter& make,
                       const Expectations& expect = {}) {
  if (size < 2) return 0;
  const Bytes input = std::as_bytes(std::span{data + 1, size - 1});
  CutterOptions options;
  options.limits = expect.limits;
  options.width = options.height = 4;

  CheckingSink sink(input, expect);
  const auto cutter = make(options, sink);
  if (!cutter) return 0;
  auto fed = feed_cut(*cutter, input, data[0]);
  if (fed) fed = cutter->finish();
  if (fed) {
    check(sink.origin_bytes == input.size() || expect.origin != Origin::exact,
          "without an error every byte comes out");
  } else {
    check(!fed.error().what.empty(), "an error has a sentence");
    check(fed.error().offset <= input.size(), "an error lies within the input");
    const auto again = cutter->feed(input.first(1));
    check(!again && again.error().what == fed.error().what &&
              again.error().offset == fed.error().offset && again.error().code == fed.error().code,
          "an error repeats");
  }
  if (fed && expect.joinable) check_cuts_again(sink.for_joiner, make, options, expect);
  if (!sink.regrouped.empty()) {
    const Buffer again = check_cuts_again(sink.regrouped, make, options, expect);
    check(again == sink.regrouped, "regrouping the webm rendition changes nothing");
  }
  return 0;
}

}  // namespace framewire::fuzz
