// The control API's options and restreams: whoever keeps the options changes them (config_desk.h).
#include <fmt/format.h>

#include "relay/base/stream_name.h"
#include "relay/server/control_answer.h"

namespace framewire::relay {

void ControlAnswer::order(ConfigOrder order, OnConfig then) {
  if (!connection_.loop().shared().config_desk.hand_in(std::move(order), std::move(then)))
    refuse(Refusal::overloaded, "the options of this server cannot be changed now");
}

void ControlAnswer::at_config() {
  ConfigOrder wanted;
  if (body_.is_object())
    for (const auto& [name, value] : body_.items())
      wanted.options[name] = value.is_string() ? value.get<std::string>() : value.dump();
  order(std::move(wanted), later([](ControlAnswer& self, const Result<ConfigState>& state) {
          if (!state) return self.refuse(Refusal::bad_request, state.error().what);
          self.respond(state->options);
        }));
}

void ControlAnswer::list_restreams() {
  connection_.hub().list_streams(
      later([](ControlAnswer& self, const std::vector<StreamSummary>& streams) {
        nlohmann::json list = nlohmann::json::array();
        for (const RestreamTarget& target : self.connection_.hub().config().restreams) {
          nlohmann::json states = nlohmann::json::array();
          for (const StreamSummary& stream : streams)
            for (const RestreamState& at : stream.restreams)
              if (at.target == target.id)
                states.push_back(
                    {{"stream", stream.name}, {"state", to_string(at.phase)}, {"error", at.error}});
          list.push_back({{"id", target.id},
                          {"streams", target.pattern},
                          {"to", target.shown},
                          {"output", target.output},
                          {"states", std::move(states)}});
        }
        self.respond({{"restreams", std::move(list)}});
      }));
}

void ControlAnswer::begin_restream() {
  const std::string text =
      body_["streams"].get<std::string>() + "=" + body_["url"].get<std::string>();
  auto target = parse_restream(text);
  if (!target) return refuse(Refusal::bad_request, target.error().what);
  ConfigOrder wanted;
  wanted.restream = text;
  order(std::move(wanted),
        later([target = *target](ControlAnswer& self, const Result<ConfigState>& state) {
          if (!state) return self.refuse(Refusal::bad_request, state.error().what);
          self.respond({{"id", state->restream},
                        {"streams", target.pattern},
                        {"to", target.shown},
                        {"output", target.output}});
        }));
}

void ControlAnswer::end_restream() {
  ConfigOrder wanted;
  wanted.end_restream = target_.restream;
  order(std::move(wanted), later([](ControlAnswer& self, const Result<ConfigState>& state) {
          if (!state) return self.refuse(Refusal::not_found, state.error().what);
          self.respond_done();
        }));
}

}  // namespace framewire::relay
