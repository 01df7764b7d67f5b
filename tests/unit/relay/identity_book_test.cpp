#include "relay/access/identity_book.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace framewire::relay {
namespace {

Principal somebody(const char* name, jwt::Quota quota) {
  About about;
  about.quota = quota;
  return Principal{name, {}, std::nullopt, std::move(about)};
}

TEST(IdentityBook, CountsByName) {
  IdentityBook book;
  const Principal anna = somebody("anna", {1, 2, std::nullopt}),
                  bert = somebody("bert", {1, 0, {}});
  std::vector<std::unique_ptr<IdentityBook::Use>> uses;
  for (int n = 0; n < 2; ++n) uses.push_back(book.enter(anna, false, "a"));
  uses.push_back(book.enter(anna, true, "a"));
  for (const auto& use : uses) ASSERT_TRUE(use);
  EXPECT_FALSE(book.enter(anna, false, "b") || book.enter(anna, true, "b"));
  EXPECT_TRUE(book.enter(bert, true, "b"));
  EXPECT_FALSE(book.enter(bert, false, "b"));
  uses.erase(uses.begin());
  EXPECT_TRUE(book.enter(anna, false, "b"));
  EXPECT_FALSE(book.enter(anna, true, "b"));
  uses.clear();
  EXPECT_EQ(book.size(), 0u);
}

// A lost connection stands until it is missed: who resumes its stream needs no second place.
TEST(IdentityBook, CountsAStreamOnce) {
  IdentityBook book;
  const Principal anna = somebody("anna", {1, {}, std::nullopt});
  auto lost = book.enter(anna, true, "a");
  auto resumed = book.enter(anna, true, "a");
  ASSERT_TRUE(lost && resumed);
  EXPECT_FALSE(book.enter(anna, true, "b"));
  lost.reset();
  EXPECT_FALSE(book.enter(anna, true, "b")) << "it is published still";
  resumed.reset();
  EXPECT_TRUE(book.enter(anna, true, "b"));
  EXPECT_EQ(book.size(), 0u);
}

// A page that was loaded anew while its old connection still stands asks again, and is let in.
TEST(IdentityBook, LooksAfterViewersForWhomNoPlaceIsLeft) {
  IdentityBook book;
  const Principal anna = somebody("anna", {{}, 1, {}}), bert = somebody("bert", {{}, 1, {}});
  std::unique_ptr<IdentityBook::Use> old;
  int probes = 0, others = 0;
  old = book.enter(anna, false, "a", [&] {
    ++probes;
    old.reset();  // the book may be used from there
  });
  const auto other = book.enter(bert, false, "a", [&] { ++others; });
  ASSERT_TRUE(old && other);
  EXPECT_FALSE(book.enter(anna, false, "a"));
  EXPECT_EQ(probes, 1);
  EXPECT_EQ(others, 0);
  EXPECT_TRUE(book.enter(anna, false, "a"));
}

// Another token on the same socket brings other limits.
TEST(IdentityBook, RenewsAUse) {
  IdentityBook book;
  const Principal anna = somebody("anna", {1, 1, 800}), slower = somebody("anna", {1, 1, 80}),
                  free = somebody("anna", {}), bert = somebody("bert", {1, {}, {}});
  auto use = book.enter(anna, true, "a");
  Allowance* const before = use->allowance();
  EXPECT_TRUE(book.renew(use, slower, true, "a"));
  EXPECT_EQ(use->allowance(), before);
  const Time now{Duration{1'000'000}};
  EXPECT_TRUE(before->spend(19'999, now));
  EXPECT_FALSE(before->spend(1, now)) << "two seconds of 10,000 bytes";
  EXPECT_TRUE(book.renew(use, free, true, "a"));
  ASSERT_TRUE(use) << "it keeps its place";
  EXPECT_FALSE(use->allowance());
  const auto berts = book.enter(bert, true, "b");
  EXPECT_FALSE(book.renew(use, bert, true, "a")) << "who has as many as it may";
  EXPECT_FALSE(book.enter(anna, true, "c")) << "all stays as it was";
  std::unique_ptr<IdentityBook::Use> none;
  EXPECT_TRUE(book.renew(none, free, false, "a"));
  EXPECT_FALSE(none);
  EXPECT_TRUE(book.renew(none, anna, false, "a"));
  EXPECT_TRUE(none);
  EXPECT_FALSE(book.enter(anna, false, "a"));
}

TEST(IdentityBook, CountsNothingThatHasNoLimit) {
  IdentityBook book;
  const Principal anna = somebody("anna", {{}, {}, 800});
  const auto one = book.enter(anna, true, "a"), other = book.enter(anna, true, "b");
  ASSERT_TRUE(one && other);
  EXPECT_EQ(one->allowance(), other->allowance()) << "all streams of one share it";
  EXPECT_FALSE(book.enter(anna, false, "a")->allowance());
}

TEST(Allowance, LetsSoManyBytesASecond) {
  constexpr std::uint32_t kKbps = 800;  // 100,000 bytes
  Allowance allowance{kKbps};
  Time now{Duration{1'000'000}};
  EXPECT_TRUE(allowance.spend(199'999, now));
  EXPECT_FALSE(allowance.spend(100'001, now)) << "two seconds' at once";
  EXPECT_FALSE(allowance.has_room(now + Duration{999}));
  EXPECT_TRUE(allowance.has_room(now + Duration{1'001}));
  now += Duration{3'600'000};
  EXPECT_FALSE(allowance.spend(200'000, now)) << "no more is saved up";
  std::size_t passed = 0;
  for (int n = 0; n < 100; ++n) {
    now += Duration{100};
    if (!allowance.has_room(now)) continue;
    allowance.spend(20'000, now);
    passed += 20'000;
  }
  EXPECT_NEAR(static_cast<double>(passed), 1'000'000, 40'000);
  allowance.set(2 * kKbps);
  now += Duration{10'000};
  EXPECT_TRUE(allowance.spend(399'999, now));
}

}  // namespace
}  // namespace framewire::relay
