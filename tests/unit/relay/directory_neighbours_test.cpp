// The directory of a server that is not alone.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "relay/base/stream_name.h"
#include "relay/streams/directory.h"

namespace framewire::relay {
namespace {

// Writes down what is decided here, and what others are asked.
class Notes : public DirectoryDelegate, public Neighbours {
 public:
  void open_stream(const PublishRequest& request, Remotes) override {
    note(fmt::format("open {} for {}", request.stream, request.publisher.number));
  }
  void forward_request(unsigned, const PublishRequest& request) override {
    note(fmt::format("forward {}", request.publisher.number));
  }
  void refuse_request(const PublishRequest& request, CloseReason why) override {
    note(fmt::format("refuse {} {}", request.publisher.number, why.code));
  }
  void add_local_stream(unsigned, const std::string& s, LocalStreamId) override {
    note("add " + s);
  }
  void remove_local_stream(unsigned, const std::string&, LocalStreamId) override {}
  void nobody(LocalStreamId, const std::string& stream) override { note("nobody " + stream); }
  void request_rendition(unsigned, const std::string& derived) override {
    note("derive " + derived);
  }

  void claim(const std::string& stream, const std::string&) override { note("claim " + stream); }
  void update(const StreamSummary& summary) override { note("update " + summary.name); }
  void release(const std::string& stream) override { note("release " + stream); }
  bool fetch(const std::string& stream, unsigned) override {
    if (elsewhere) note("fetch " + stream);
    return elsewhere;
  }
  void unlink(const std::string& stream, unsigned) override { note("unlink " + stream); }
  bool send_order(const std::string&, const StreamOrder&) override { return elsewhere; }
  std::vector<StreamSummary> summaries() const override {
    if (!elsewhere) return {};
    return {*summary("cam")};
  }
  std::optional<StreamSummary> summary(const std::string& stream) const override {
    if (!elsewhere) return std::nullopt;
    StreamSummary out;
    out.name = stream;
    out.node = "http://other";
    return out;
  }

  std::string read() { return std::exchange(text_, {}); }
  bool elsewhere = false;

 private:
  void note(const std::string& line) { text_ += (text_.empty() ? "" : ", ") + line; }
  std::string text_;
};

class DirectoryNeighbours : public testing::Test {
 protected:
  DirectoryNeighbours() { directory_.set_neighbours(&notes_); }
  void request(PublishFraming framing = PublishFraming::v1) {
    PublishRequest request;
    request.stream = "cam";
    request.publisher = {0, ++number_};
    request.framing = framing;
    directory_.request(request);
  }
  Notes notes_;
  Directory directory_{8, notes_};
  std::uint64_t number_ = 0;
};

TEST_F(DirectoryNeighbours, ANameIsAskedForOnceAndTheFirstHasIt) {
  request();
  request();
  EXPECT_EQ(notes_.read(), "claim cam");
  directory_.claimed("cam", true, "");
  EXPECT_EQ(notes_.read(), "open cam for 1, forward 2");
  directory_.release("cam");
  EXPECT_EQ(notes_.read(), "release cam");
  EXPECT_EQ(directory_.entries(), 0u);
}

TEST_F(DirectoryNeighbours, ANameThatAnotherHasIsRefusedToAll) {
  request();
  request();
  notes_.read();
  directory_.claimed("cam", false, "http://other");
  EXPECT_EQ(notes_.read(), "refuse 1 stream-taken, refuse 2 stream-taken");
  EXPECT_EQ(directory_.entries(), 0u);
}

TEST_F(DirectoryNeighbours, NoMoreThanSoManyWaitForAName) {
  for (int i = 0; i < 17; ++i) request();
  EXPECT_EQ(notes_.read(), "claim cam, refuse 17 stream-taken");
}

TEST_F(DirectoryNeighbours, WhatOthersHaveIsFetchedForThoseWhoWatch) {
  notes_.elsewhere = true;
  directory_.watch("cam", {1, 7});
  EXPECT_EQ(notes_.read(), "fetch cam");
  request(PublishFraming::link);
  EXPECT_EQ(notes_.read(), "open cam for 1") << "a link claims nothing";
  EXPECT_TRUE(directory_.is_linked("cam"));
  EXPECT_EQ(directory_.summary("cam")->node, "http://other");
  ASSERT_EQ(directory_.summaries().size(), 1u) << "and is listed once";
  notes_.elsewhere = false;
  directory_.release("cam");
  EXPECT_EQ(notes_.read(), "") << "it was not ours to give back";
}

TEST_F(DirectoryNeighbours, ARenditionOfWhatOthersHaveFetchesItsOrigin) {
  notes_.elsewhere = true;
  directory_.watch("cam.mp4", {0, 7});
  EXPECT_EQ(notes_.read(), "fetch cam");
  request(PublishFraming::link);
  EXPECT_EQ(notes_.read(), "open cam for 1, derive cam.mp4");
}

TEST_F(DirectoryNeighbours, WhoWaitsIsFetchedForWhenItAppears) {
  directory_.watch("cam", {0, 7});
  EXPECT_EQ(notes_.read(), "nobody cam");
  directory_.appeared("other");
  EXPECT_EQ(notes_.read(), "");
  notes_.elsewhere = true;
  directory_.appeared("cam");
  EXPECT_EQ(notes_.read(), "fetch cam");
  directory_.not_elsewhere("cam");
  EXPECT_EQ(notes_.read(), "nobody cam");
}

TEST_F(DirectoryNeighbours, AWonNameWaitsForItsLinkToEnd) {
  notes_.elsewhere = true;
  directory_.watch("cam", {0, 7});
  request(PublishFraming::link);
  notes_.read();
  request();
  EXPECT_EQ(notes_.read(), "claim cam");
  directory_.claimed("cam", true, "");
  EXPECT_EQ(notes_.read(), "unlink cam");
  directory_.release("cam");
  EXPECT_EQ(notes_.read(), "open cam for 2");
  EXPECT_FALSE(directory_.is_linked("cam"));
}

TEST_F(DirectoryNeighbours, AResumeIsAnsweredHereAndNobodyIsAsked) {
  PublishRequest request;
  request.stream = "cam";
  request.publisher = {0, 1};
  request.resume_token = "token";
  directory_.request(request);
  EXPECT_EQ(notes_.read(), "refuse 1 resume-unknown");
}

TEST_F(DirectoryNeighbours, AnAnswerThatNobodyWaitsForGivesTheNameBack) {
  directory_.claimed("cam", true, "");
  EXPECT_EQ(notes_.read(), "release cam");
}

}  // namespace
}  // namespace framewire::relay
