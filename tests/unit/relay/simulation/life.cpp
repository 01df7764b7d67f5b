#include "tests/unit/relay/simulation/life.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ingest/intake/make_cutter.h"
#include "tests/unit/ingest/webm_builder.h"

namespace framewire::relay::simulation {
namespace {

// Of relative times in a Cluster, as players want them.
constexpr int kMostTicks = 5'000;

}  // namespace

Life::Life(std::size_t n, std::string name, Format how, std::size_t big, Chance& chance)
    : number(n), stream(std::move(name)), format(how), big_(big), chance_(chance) {
  CutterOptions options;
  auto made = make_cutter(format, options, *this);
  EXPECT_TRUE(made.has_value());
  cutter_ = std::move(*made);
}

std::string Life::filler() {
  const std::size_t size = big_ == 0             ? 0
                           : chance_.percent(15) ? chance_.below(big_)
                                                 : chance_.below(120);
  const std::size_t n = made_++;
  return fmt::format("<{}:{}>", number, n) + std::string(size, static_cast<char>('a' + n % 26));
}

std::string Life::webm_message(bool group) {
  std::string out = std::exchange(held_, {});
  if (messages_.empty())
    out += test::header_of(test::track(1, 1, "V_VP8", fmt::format("private of {}", number)));
  if (clusters_ == 0 || group || ticks_ > kMostTicks) {
    out += test::cluster(++clusters_ * 10'000);
    ticks_ = 0;
    out += test::key(0, filler());
  }
  const std::size_t more = chance_.below(3);
  for (std::size_t i = more; i > 0; --i) {
    ticks_ += 40;
    out += chance_.percent(10) ? test::key(ticks_, filler()) : test::delta(ticks_, filler());
  }
  // Cut in the middle of a block. Not of a Cluster's first: a cutter that is ended there lets out
  // the Cluster's head alone, which no message of a life that goes on ever does.
  if (messages_.size() > 1 && more > 0 && chance_.percent(20)) {
    const std::size_t at = out.size() - std::min<std::size_t>(out.size(), 1 + chance_.below(9));
    held_ = out.substr(at);
    out.resize(at);
  }
  return out;
}

const std::string& Life::add_message(bool group) {
  messages_.push_back(format == Format::binary ? filler() : webm_message(group));
  EXPECT_TRUE(cutter_->feed(as_bytes(messages_.back())).has_value());
  return messages_.back();
}

void Life::on_part(Rendition rendition, const CutPart& part) {
  parts_[static_cast<std::size_t>(rendition)].push_back(
      {std::string{as_text(part.payload)}, part.init, part.group_start});
}

}  // namespace framewire::relay::simulation
