// A question that every loop of a server answers: asked of all at once, answered to the one that
// asks when all have. What is asked must not take long, for it runs between two turns of a loop;
// how many are asked at a time is for the asker to limit (--max-control). Loops that have stopped
// answer nothing, and then nobody is called back. Thread: the asking loop's, as are callbacks; the
// question runs on each loop.
#pragma once
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "relay/server/lws_loop.h"

namespace framewire::relay {

template <class Answer>
void ask_all_loops(LwsLoop& asker, std::function<Answer(LwsLoop&)> question,
                   std::function<void(std::vector<Answer>)> then) {
  struct Survey {
    std::vector<Answer> answers;  // by loop; the asker's thread alone touches it
    std::size_t missing = 0;
    std::function<void(std::vector<Answer>)> then;
  };
  const std::vector<LwsLoop*>& loops = asker.shared().loops;
  const auto survey = std::make_shared<Survey>(
      Survey{std::vector<Answer>(loops.size()), loops.size(), std::move(then)});
  for (std::size_t i = 0; i < loops.size(); ++i) {
    loops[i]->post([&asker, &loop = *loops[i], i, question, survey] {
      auto answer = std::make_shared<Answer>(question(loop));
      asker.post([i, answer, survey] {
        survey->answers[i] = std::move(*answer);
        if (--survey->missing == 0) survey->then(std::move(survey->answers));
      });
    });
  }
}

}  // namespace framewire::relay
