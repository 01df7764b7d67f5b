#include "relay/streams/directory.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "relay/base/stream_name.h"

namespace framewire::relay {
namespace {

// Writes down what the directory decides.
class Decisions final : public DirectoryDelegate {
 public:
  void open_stream(const PublishRequest& request, Remotes) override {
    note("open " + request.stream);
  }
  void forward_request(unsigned, const PublishRequest& request) override {
    note("forward " + request.stream);
  }
  void refuse_request(const PublishRequest& request, CloseReason) override {
    note("refuse " + request.stream);
  }
  void add_local_stream(unsigned, const std::string& stream, LocalStreamId) override {
    note("add " + stream);
  }
  void remove_local_stream(unsigned, const std::string& s, LocalStreamId) override {
    note("remove " + s);
  }
  void nobody(LocalStreamId, const std::string& stream) override { note("nobody " + stream); }
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
  void request(unsigned loop) {
    PublishRequest request;
    request.stream = "cam";
    request.publisher = {loop, ++number_};
    directory_.request(request);
  }
  Decisions decisions_;
  Directory directory_{8, decisions_};
  std::uint64_t number_ = 0;
};

// The provider of a stream that has just ended answers after the next publisher has come.
TEST_F(DirectoryTest, ARenditionIsAskedForAnewWhenItsOriginBeganAgain) {
  request(0);
  directory_.watch("cam.mp4", {1, 7});
  EXPECT_EQ(decisions_.read(), "open cam, derive cam.mp4 at 0");
  directory_.release("cam");
  request(1);
  directory_.not_derived("cam.mp4");
  EXPECT_EQ(decisions_.read(), "open cam, derive cam.mp4 at 1");
  directory_.not_derived("cam.mp4");
  EXPECT_EQ(decisions_.read(), "nobody cam.mp4") << "this one cannot, and has not changed";
}

TEST_F(DirectoryTest, ARenditionThatCannotBeMadeIsNobodys) {
  request(0);
  directory_.watch("cam.mp4", {0, 7});
  decisions_.read();
  directory_.release("cam");
  directory_.not_derived("cam.mp4");
  EXPECT_EQ(decisions_.read(), "nobody cam.mp4");
}

}  // namespace
}  // namespace framewire::relay
