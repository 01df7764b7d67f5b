// The control API's films of pages: handed to the desk that makes them, which reads the body, too:
// a page with its pictures in it is long.
#include "relay/render/render_desk.h"
#include "relay/server/control_answer.h"

namespace framewire::relay {
namespace {

constexpr const char* kNotRendering =
    "this server makes no films of pages: its operator has not allowed it (--render)";

Refusal refusal_of(Errc code) {
  switch (code) {
    case Errc::bad_text:
      return Refusal::bad_request;
    case Errc::refused:
      return Refusal::forbidden;
    case Errc::limit_exceeded:
      return Refusal::overloaded;
    case Errc::malformed_media:
      return Refusal::not_found;
    default:
      return Refusal::internal;
  }
}

}  // namespace

void ControlAnswer::begin_render() {
  RenderDesk* desk = connection_.loop().renders();
  if (!desk) return refuse(Refusal::not_rendering, kNotRendering);
  desk->begin(std::move(text_), later([](ControlAnswer& self, const Result<std::string>& json) {
                self.give_render(json);
              }));
  text_.clear();
}

void ControlAnswer::at_renders() {
  RenderDesk* desk = connection_.loop().renders();
  if (!desk) return refuse(Refusal::not_rendering, kNotRendering);
  const auto give =
      later([](ControlAnswer& self, const Result<std::string>& json) { self.give_render(json); });
  if (target_.route == Target::Route::api_renders) {
    const auto query = read_render_query(request_);
    if (!query) return refuse(Refusal::bad_request, query.error().what);
    desk->list(*query, give);
  } else if (request_.method == Method::del) {
    desk->cancel(target_.render, give);
  } else {
    desk->look(target_.render, give);
  }
}

void ControlAnswer::give_render(const Result<std::string>& json) {
  if (!json)
    refuse(refusal_of(json.error().code), json.error().what);
  else if (json->empty())
    respond_done();
  else
    respond_text(*json);
}

}  // namespace framewire::relay
