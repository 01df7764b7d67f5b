// Who may watch a stream may not always speak in it.
#include <gtest/gtest.h>

#include <string>

#include "fake_authorizer.h"
#include "plain_client.h"

namespace framewire::relay {
namespace {

bool holds(const std::string& text, std::string_view what) {
  return text.find(what) != std::string::npos;
}

TEST(Talk, IsARightOfItsOwn) {
  FakeAuthorizerServer served;
  served.desk->answer_at_once([](const std::string& token) -> std::optional<Answer> {
    std::vector<Right> rights{{Action::watch, "*"}};
    if (token == "talks") rights.push_back({Action::talk, "cam"});
    return Grant{std::make_shared<const Principal>("somebody", std::move(rights)), true};
  });
  struct Row {
    const char* path;
    const char* code;
  };
  for (const Row& row :
       {Row{"/live/cam?token=listens", "not-allowed"}, Row{"/live/cam?token=talks", "no-stream"},
        Row{"/live/cam.mp4?token=talks", "no-stream"},
        Row{"/live/other?token=talks", "not-allowed"}}) {
    SCOPED_TRACE(row.path);
    PlainClient viewer{served.server->port()};
    viewer.upgrade(row.path, true);
    EXPECT_EQ(viewer.status(), 101u);
    viewer.send_text(R"({"type":"message","data":"hello"})");
    std::string told;
    do {
      told = viewer.frame(PlainClient::kText).payload;
    } while (!told.empty() && !holds(told, R"("type":"warning")"));
    EXPECT_TRUE(holds(told, row.code)) << told;
  }
}

}  // namespace
}  // namespace framewire::relay
