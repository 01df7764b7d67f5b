#include "relay/fanout/subscription.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace framewire::relay {
namespace {

constexpr std::size_t kPayload = 1000;
constexpr std::size_t kTen = 10 * (kPayload + 264);  // of memory

// Writes down what it is told, a word for each call.
class Diary final : public Subscriber {
 public:
  void on_epoch(const EpochPtr& epoch) override { note(fmt::format("epoch {}", epoch->number)); }
  void on_part(const RingEntry& entry) override {
    note(fmt::format("{}", entry.part->facts().sequence));
  }
  void on_gap() override { note("gap"); }
  void on_given() override { note("given"); }
  void on_end(std::string_view reason) override { note(reason); }
  void on_no_stream() override { note("nobody"); }
  void on_refused(std::string_view why) override { note(why); }

  // What came since it was asked last.
  std::string read() { return std::exchange(text_, {}); }

 private:
  void note(std::string_view word) {
    if (!text_.empty()) text_ += ' ';
    text_ += word;
  }
  std::string text_;
};

class SubscriptionTest : public testing::Test {
 protected:
  void begin_epoch() {
    epoch_ = std::make_shared<const Epoch>(Epoch{++epochs_, {}, nullptr});
    add(false, true);
  }
  void add(bool group_start, bool init = false) {
    PartFacts facts;
    facts.init = init;
    facts.group_start = group_start;
    facts.sequence = ring_.end();
    ring_.append({Part::make(facts, Buffer(kPayload)), epoch_});
  }
  void join() {
    all_.add(subscription_);
    all_.join(subscription_, false);
  }

  Ring ring_{{kTen, Duration{5'000}}};
  Subscriptions all_{ring_};
  Diary diary_;
  Subscription subscription_{diary_};
  EpochPtr epoch_;
  std::uint32_t epochs_ = 0;
};

TEST_F(SubscriptionTest, IsGivenTheNewestGroupAndThenAllThatComes) {
  begin_epoch();
  add(true);
  add(true);
  add(false);
  join();
  EXPECT_EQ(diary_.read(), "epoch 1 2 3 given");
  all_.give();
  EXPECT_EQ(diary_.read(), "") << "nothing has come";
  add(false);
  add(true);
  all_.give();
  EXPECT_EQ(diary_.read(), "4 5 given");
}

TEST_F(SubscriptionTest, IsToldOfEachEpochAndGetsItsInitThereOnly) {
  join();
  begin_epoch();
  add(true);
  begin_epoch();
  add(true);
  all_.give();
  EXPECT_EQ(diary_.read(), "epoch 1 1 epoch 2 3 given");
}

TEST_F(SubscriptionTest, WaitsUntilItIsKnownWhetherThereIsAStream) {
  all_.add(subscription_);
  begin_epoch();
  add(true);
  all_.give();
  all_.end("ended");
  EXPECT_EQ(diary_.read(), "");
}

TEST_F(SubscriptionTest, BeginsWithAGroupWhereNoneIsThereYet) {
  begin_epoch();
  add(false);
  join();
  add(false);
  all_.give();
  EXPECT_EQ(diary_.read(), "");
  add(true);
  add(false);
  all_.give();
  EXPECT_EQ(diary_.read(), "epoch 1 3 4 given") << "no gap: it had nothing before";
}

// More came at once than the ring holds.
TEST_F(SubscriptionTest, IsToldOnceOfWhatItLost) {
  begin_epoch();
  add(true);
  join();
  EXPECT_EQ(diary_.read(), "epoch 1 1 given");
  for (int i = 0; i < 30; ++i) add(false);
  all_.give();
  all_.give();
  EXPECT_EQ(diary_.read(), "gap") << "and waits for the next group";
  add(true);
  all_.give();
  EXPECT_EQ(diary_.read(), "32 given");
}

TEST_F(SubscriptionTest, IsGivenTheRestBeforeTheEnd) {
  begin_epoch();
  add(true);
  join();
  diary_.read();
  add(false);
  all_.end("ended");
  all_.end("ended");
  EXPECT_EQ(diary_.read(), "2 given ended");
}

TEST_F(SubscriptionTest, ReadsTheNextStreamOfTheNameFromItsStart) {
  begin_epoch();
  add(true);
  join();
  all_.end("ended");
  diary_.read();
  ring_.clear(0);
  all_.restart();
  epochs_ = 0;
  begin_epoch();
  add(true);
  all_.give();
  EXPECT_EQ(diary_.read(), "epoch 1 1 given");
}

TEST_F(SubscriptionTest, IsGivenNothingOfAStreamThatIsOver) {
  begin_epoch();
  add(true);
  all_.add(subscription_);
  all_.join(subscription_, true);
  all_.end("ended");
  EXPECT_EQ(diary_.read(), "");
}

TEST_F(SubscriptionTest, LeavesTheOthersWhereTheyAre) {
  Diary other;
  Subscription second{other};
  join();
  all_.add(second);
  all_.join(second, false);
  all_.remove(subscription_);
  begin_epoch();
  add(true);
  all_.give();
  EXPECT_EQ(diary_.read(), "");
  EXPECT_EQ(other.read(), "epoch 1 1 given");
}

}  // namespace
}  // namespace framewire::relay
