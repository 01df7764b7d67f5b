// An authorizer that answers when the test says so, or at once, and a server that asks it.
#pragma once
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "relay/access/authorizer.h"
#include "relay/base/loop.h"
#include "relay/server/server.h"

namespace framewire::relay {

// Where a test sees what was asked, and answers. Any thread.
class Desk : public std::enable_shared_from_this<Desk> {
 public:
  struct Asked {
    std::optional<std::string> token;
    Action action = Action::watch;
    std::string stream, protocol, address, user_agent;
  };
  using AtOnce = std::function<std::optional<Answer>(const std::string& token)>;

  // nullopt from it: the answer comes by answer().
  void answer_at_once(AtOnce how) {
    const std::lock_guard lock{mutex_};
    at_once_ = std::move(how);
  }
  // The question of this number, from 0 in the order of asking; waits for it.
  Asked asked(std::size_t number) {
    std::unique_lock lock{mutex_};
    EXPECT_TRUE(
        changed_.wait_for(lock, std::chrono::seconds{30}, [&] { return asked_.size() > number; }));
    return asked_.size() > number ? asked_[number] : Asked{};
  }
  std::size_t count() {
    const std::lock_guard lock{mutex_};
    return asked_.size();
  }
  // Waits until nobody wants the answer any more.
  void expect_withdrawn(std::size_t number) {
    std::unique_lock lock{mutex_};
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds{30}, [&] {
      return asked_.size() > number && open_.count(number) == 0;
    }));
  }
  // On its loop; nothing happens if it was withdrawn.
  void answer(std::size_t number, Answer answer) {
    loop_->post([self = shared_from_this(), number, answer = std::move(answer)] {
      Authorizer::OnAnswer to;
      {
        const std::lock_guard lock{self->mutex_};
        const auto found = self->open_.find(number);
        if (found == self->open_.end()) return;
        to = std::move(found->second);
      }
      to(answer);
    });
  }

 private:
  friend class FakeAuthorizer;
  Authorizer::Reply ask(const Credentials& shown, Authorizer::OnAnswer on_answer);

  std::mutex mutex_;
  std::condition_variable changed_;
  Loop* loop_ = nullptr;
  AtOnce at_once_;
  std::vector<Asked> asked_;
  std::map<std::size_t, Authorizer::OnAnswer> open_;
};

class FakeAuthorizer final : public Authorizer {
 public:
  FakeAuthorizer(std::shared_ptr<Desk> desk, Loop& loop) : desk_(std::move(desk)) {
    const std::lock_guard lock{desk_->mutex_};
    desk_->loop_ = &loop;
  }
  Reply authorize(const Credentials& shown, OnAnswer on_answer) override {
    return desk_->ask(shown, std::move(on_answer));
  }
  const std::shared_ptr<const Principal>& everybody() const override { return everybody_; }

  class Open final : public Question {
   public:
    Open(Desk& desk, std::size_t number) : desk_(desk), number_(number) {}
    ~Open() override {
      const std::lock_guard lock{desk_.mutex_};
      desk_.open_.erase(number_);
      desk_.changed_.notify_all();
    }

   private:
    Desk& desk_;
    const std::size_t number_;
  };

 private:
  const std::shared_ptr<Desk> desk_;
  const std::shared_ptr<const Principal> everybody_ =
      std::make_shared<const Principal>("everybody", std::vector<Right>{});
};

inline Authorizer::Reply Desk::ask(const Credentials& shown, Authorizer::OnAnswer on_answer) {
  const std::lock_guard lock{mutex_};
  const std::size_t number = asked_.size();
  Asked asked{std::nullopt,
              shown.action,
              std::string{shown.stream},
              std::string{shown.protocol},
              std::string{shown.address},
              std::string{shown.user_agent}};
  if (shown.token) asked.token = std::string{*shown.token};
  asked_.push_back(asked);
  changed_.notify_all();
  if (at_once_)
    if (auto answer = at_once_(asked.token.value_or(""))) return *std::move(answer);
  open_.emplace(number, std::move(on_answer));
  return std::make_unique<FakeAuthorizer::Open>(*this, number);
}

inline Answer may(Action action, std::string streams, std::optional<Time> until = std::nullopt) {
  return Grant{std::make_shared<const Principal>(
                   "somebody", std::vector<Right>{{action, std::move(streams)}}, until),
               true};
}

// One loop, a free port.
class FakeAuthorizerServer {
 public:
  explicit FakeAuthorizerServer(Config config = {}) {
    config.port = 0;
    config.loops = 1;
    auto started = start_server(config, [desk = desk](const Config&, Loop& loop) {
      return std::make_shared<FakeAuthorizer>(desk, loop);
    });
    EXPECT_TRUE(started) << started.error().what;
    if (started) server = *std::move(started);
  }

  const std::shared_ptr<Desk> desk = std::make_shared<Desk>();
  std::unique_ptr<Server> server;
};

}  // namespace framewire::relay
