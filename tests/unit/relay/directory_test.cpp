#include "relay/streams/directory.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "relay/base/stream_name.h"

namespace framewire::relay {
namespace {

// Writes down what the directory decides.
class Decisions final : public DirectoryPort {
 public:
  void open_stream(const Claim& claim, Remotes) override { note("open " + claim.stream); }
  void forward_claim(unsigned, const Claim& claim) override { note("forward " + claim.stream); }
  void refuse_claim(const Claim& claim, Ending) override { note("refuse " + claim.stream); }
  void add_mirror(unsigned, const std::string& stream, MirrorId) override { note("add " + stream); }
  void remove_mirror(unsigned, const std::string& s, MirrorId) override { note("remove " + s); }
  void nobody(MirrorId, const std::string& stream) override { note("nobody " + stream); }
  void request_rendition(unsigned home, const std::string& derived) override {
    note(fmt::format("derive {} at {}", derived, home));
  }
  std::string read() { return std::exchange(text_, {}); }

 private:
  void note(const std::string& line) { text_ += (text_.empty() ? "" : ", ") + line; }
  std::string text_;
};

class DirectoryTest : public testing::Test {
 protected:
  void claim(unsigned loop) {
    Claim claim;
    claim.stream = "cam";
    claim.publisher = {loop, ++number_};
    directory_.claim(claim);
  }
  Decisions decisions_;
  Directory directory_{8, decisions_};
  std::uint64_t number_ = 0;
};

// The provider of a stream that has just ended answers after the next publisher has come.
TEST_F(DirectoryTest, ARenditionIsAskedForAnewWhenItsOriginBeganAgain) {
  claim(0);
  directory_.watch("cam.mp4", {1, 7});
  EXPECT_EQ(decisions_.read(), "open cam, derive cam.mp4 at 0");
  directory_.release("cam");
  claim(1);
  directory_.not_derived("cam.mp4");
  EXPECT_EQ(decisions_.read(), "open cam, derive cam.mp4 at 1");
  directory_.not_derived("cam.mp4");
  EXPECT_EQ(decisions_.read(), "nobody cam.mp4") << "this one cannot, and has not changed";
}

TEST_F(DirectoryTest, ARenditionThatCannotBeMadeIsNobodys) {
  claim(0);
  directory_.watch("cam.mp4", {0, 7});
  decisions_.read();
  directory_.release("cam");
  directory_.not_derived("cam.mp4");
  EXPECT_EQ(decisions_.read(), "nobody cam.mp4");
}

}  // namespace
}  // namespace framewire::relay
