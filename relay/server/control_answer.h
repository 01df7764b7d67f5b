// A request of the control API: its body is read and judged by its schema, then it is done, on this
// loop or by others, and answered once. What each route does is in control_answer.cpp (sessions,
// streams, chat) and control_config.cpp (options, restreams).
// Thread: its connection's loop. Lifetime: owned by the Connection; what comes back later finds it
// by the connection's number, or not at all.
#pragma once
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "relay/server/config_desk.h"
#include "relay/server/connection.h"
#include "relay/server/lws_loop.h"
#include "relay/server/session_kinds.h"
#include "relay/streams/chat.h"

namespace framewire::relay {

class ControlAnswer final : public Session {
 public:
  ControlAnswer(Connection& connection, const Admission& admission, const Request& request);

  void on_open() override;
  void on_body(Bytes bytes) override;
  void on_body_end() override;
  bool awaits_body() const override { return takes_body() && !answered_; }
  void dismiss(const Dismissal& why) override;

 private:
  bool takes_body() const { return !operation_.body.empty(); }
  std::size_t most_body_bytes() const;
  // Runs task(*this, result) on this loop, unless the request has gone. Any thread may call it.
  template <class Task>
  auto later(Task task) {
    return [this, &loop = connection_.loop(), number = connection_.number(),
            task = std::move(task)](const auto&... result) {
      loop.post([this, &loop, number, task, result...] {
        const Connection* c = loop.find(number);
        if (c && c->session() == this && !answered_) task(*this, result...);
      });
    };
  }

  void act();
  void list_sessions();
  void at_session();
  void change_stream();
  void end_stream();
  void at_chat();
  void give_chat();
  // control_config.cpp
  void at_config();
  void list_restreams();
  void begin_restream();
  void end_restream();
  // control_render.cpp
  void begin_render();
  void at_renders();
  void give_render(const Result<std::string>& json);
  // control_bans.cpp
  void list_bans();
  void ban();
  void lift_ban();
  void keep_bans(std::function<void(ControlAnswer&)> answer);
  void order(ConfigOrder order, OnConfig then);

  void no_stream();
  void respond(const nlohmann::json& json);
  void respond_text(std::string_view json);
  void respond_done();
  void refuse(Refusal why, std::string_view message);
  std::string headers() const;

  Connection& connection_;
  const Target target_;
  const Operation& operation_;
  const Request request_;
  CountedSlot slot_;
  IntakeShare held_;  // of all that is not complete
  std::string text_;
  nlohmann::json body_;
  bool answered_ = false;
};

}  // namespace framewire::relay
