#include "tools/render/film_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "ingest/base/try.h"
#include "player-web/assets.h"
#include "tools/render/isolation.h"
#include "tools/render/page_console.h"
#include "tools/render/render_report.h"

namespace framewire::cli {
namespace {

using nlohmann::json;

constexpr const char* kScript = "/dist/render.js";
constexpr std::size_t kPlanesHead = 2;
constexpr const char* kFilm = "globalThis.__framewireFilm";
constexpr int kMostPages = 20;  // one leads to the next by a script or a <meta>
// Chromium's own network errors: the server is not there, or there is no such file.
constexpr const char* kNoFile = "net::ERR_FILE_NOT_FOUND";

// What the page itself waits for (player-web/render/waiting.js, media.js).
bool is_waited_for_there(const std::string& type) {
  return type == "Fetch" || type == "XHR" || type == "Media";
}

// All else, but what has no end.
bool is_waited_for(const std::string& type) {
  return !is_waited_for_there(type) && type != "WebSocket" && type != "EventSource" &&
         type != "Ping" && type != "CSPViolationReport" && type != "Prefetch" &&
         type != "Preflight";
}

// In the page's pixels: a last one of which the film shows a part only is whole.
int page_side(std::uint32_t pixels, double scale) {
  constexpr double kRounding = 1e-6;
  return std::max(1, static_cast<int>(std::ceil(pixels / scale - kRounding)));
}

ExitCode exit_of_status(int status) {
  if (status == 401 || status == 403) return kExitRefused;
  if (status == 404 || status == 410) return kExitNotFound;
  return kExitFailed;
}

std::optional<double> number(const json& value, const char* name) {
  const auto found = value.find(name);
  if (found == value.end() || !found->is_number()) return std::nullopt;
  const auto out = found->get<double>();
  return std::isfinite(out) && out > 0 ? std::optional{out} : std::nullopt;
}

}  // namespace

FilmPage::FilmPage(const PageSpec& spec, BrowserProcess browser)
    : spec_(spec), browser_(std::move(browser)), devtools_(browser_, spec.wait, spec.stop) {
  devtools_.on_event(
      [this](const std::string& method, const json& params) { on_event(method, params); });
  devtools_.on_late([this] { return late_because(); });
}

Rendered<std::unique_ptr<FilmPage>> FilmPage::open(const PageSpec& spec) {
  ASSIGN_OR_RETURN(auto browser, BrowserProcess::start({.path = spec.chromium,
                                                        .gpu = spec.gpu,
                                                        .files = spec.url.starts_with("file:"),
                                                        .isolated = spec.isolated,
                                                        .reach = spec.reach}));
  std::unique_ptr<FilmPage> page{new FilmPage(spec, std::move(browser))};
  RETURN_IF_ERROR(page->prepare());
  RETURN_IF_ERROR(page->navigate());
  RETURN_IF_ERROR(page->read_facts());
  return page;
}

Rendered<void> FilmPage::prepare() {
  RETURN_IF_ERROR(devtools_.call("Browser.setDownloadBehavior", {{"behavior", "deny"}}));
  RETURN_IF_ERROR(devtools_.attach());
  for (const char* domain : {"Page", "Runtime", "Network", "Animation", "Log", "Inspector"})
    RETURN_IF_ERROR(devtools_.call(fmt::format("{}.enable", domain)));
  if (spec_.isolated) {
    const json pattern = {{"urlPattern", kIsolatedPattern}};
    RETURN_IF_ERROR(devtools_.call("Fetch.enable", {{"patterns", json::array({pattern})}}));
  }
  ASSIGN_OR_RETURN(const json tree, devtools_.call("Page.getFrameTree"));
  main_frame_ = tree.value(json::json_pointer{"/frameTree/frame/id"}, "");
  RETURN_IF_ERROR(devtools_.call("Animation.setPlaybackRate", {{"playbackRate", 0}}));
  const auto side = [this](std::uint32_t pixels) { return page_side(pixels, spec_.scale); };
  RETURN_IF_ERROR(
      devtools_.call("Emulation.setDeviceMetricsOverride", {{"width", side(spec_.width)},
                                                            {"height", side(spec_.height)},
                                                            {"deviceScaleFactor", spec_.scale},
                                                            {"mobile", false}}));
  RETURN_IF_ERROR(devtools_.call("Emulation.setTimezoneOverride", {{"timezoneId", "UTC"}}));
  RETURN_IF_ERROR(devtools_.call("Emulation.setFocusEmulationEnabled", {{"enabled", true}}));
  if (spec_.alpha) {
    const json clear = {{"r", 0}, {"g", 0}, {"b", 0}, {"a", 0}};
    RETURN_IF_ERROR(
        devtools_.call("Emulation.setDefaultBackgroundColorOverride", {{"color", clear}}));
  }
  const web::Asset* script = web::find_asset(kScript);
  if (!script) return no_film("the script of the page is not in this program");
  const json setup = {
      {"fps", spec_.fps},     {"fixed", spec_.fps_fixed},   {"beganAt", spec_.date_ms},
      {"seed", spec_.seed},   {"width", side(spec_.width)}, {"height", side(spec_.height)},
      {"props", spec_.props}, {"canvas", spec_.canvas},     {"alpha", spec_.alpha || spec_.files}};
  // Parsed there, as JSON: written as a literal, a member called __proto__ would be none.
  const std::string source =
      fmt::format("globalThis.__framewireSetup = JSON.parse({});\n{}",
                  json(setup.dump(-1, ' ', false, json::error_handler_t::replace)).dump(),
                  as_text(script->bytes));
  RETURN_IF_ERROR(devtools_.call("Page.addScriptToEvaluateOnNewDocument", {{"source", source}}));
  return {};
}

Rendered<void> FilmPage::navigate() {
  ASSIGN_OR_RETURN(const json gone, devtools_.call("Page.navigate", {{"url", spec_.url}}));
  const std::string error = gone.value("errorText", "");
  if (!error.empty())
    return no_film(fmt::format("{}: {}", spec_.url, in_words_of_isolation(error)),
                   error == kNoFile ? kExitNotFound : kExitConnection);
  return {};
}

// A page may lead to another one: the last of them is filmed.
Rendered<json> FilmPage::ready() {
  for (int pages = 0; pages < kMostPages; ++pages) {
    RETURN_IF_ERROR(devtools_.until([this] { return loaded_ && main_context_ != 0; }));
    if (status_ >= 400)
      return no_film(fmt::format("{}: the server answers {}", address_, status_),
                     exit_of_status(status_));
    const int page = pages_;
    left_ = false;
    auto facts = settle().and_then([this] { return in_all("ready()"); });
    if (facts) {
      if (auto settled = settle(); !settled) facts = tl::make_unexpected(settled.error());
    }
    if (!facts && !left_) return facts;
    if (!facts) RETURN_IF_ERROR(devtools_.until([&] { return pages_ != page; }));
    if (page == pages_) return facts;
  }
  return no_film(
      fmt::format("{}: each page leads to another one, {} of them", spec_.url, kMostPages));
}

Rendered<void> FilmPage::read_facts() {
  ASSIGN_OR_RETURN(const json facts, ready());
  RETURN_IF_ERROR(judge());
  filmed_ = true;
  const auto fps = number(facts, "fps");
  if (!fps || *fps < kLeastFps || *fps > kMostFps)
    return no_film(fmt::format("the page's fps: {}; it is {} to {}",
                               facts.value("fps", json()).dump(), kLeastFps, kMostFps));
  facts_ = {.duration_s = number(facts, "duration"),
            .frames = number(facts, "frames"),
            .fps = *fps,
            .width = spec_.width,
            .height = spec_.height};
  if (spec_.canvas.empty()) return {};
  const json canvas = facts.value("canvas", json());
  if (!canvas.is_object())
    return no_film(fmt::format("the page has no canvas {}", spec_.canvas), kExitNotFound);
  facts_.width = canvas.value("width", 0u);
  facts_.height = canvas.value("height", 0u);
  return {};
}

Rendered<void> FilmPage::step(std::uint64_t frame, bool shown) {
  auto stepped = in_all(fmt::format("step({}, {}, {})", frame, shown, facts_.fps));
  if (stepped)
    if (auto settled = settle(); !settled) stepped = tl::make_unexpected(settled.error());
  if (!stepped && left_) return no_film(gone_to(next_));
  RETURN_IF_ERROR(stepped);
  return judge();
}

Rendered<FilmPicture> FilmPage::take() {
  using codec::PictureKind;
  if (!spec_.canvas.empty()) return take_canvas();
  const bool jpeg = spec_.capture == Capture::jpeg;
  json asked = {{"format", jpeg ? "jpeg" : "png"},
                {"optimizeForSpeed", true},
                {"captureBeyondViewport", false}};
  if (jpeg) asked["quality"] = 100;
  const auto is_whole = [this](std::uint32_t pixels) {
    return page_side(pixels, spec_.scale) * spec_.scale == pixels;
  };
  if (!is_whole(spec_.width) || !is_whole(spec_.height))
    asked["clip"] = {{"x", 0},
                     {"y", 0},
                     {"width", spec_.width / spec_.scale},
                     {"height", spec_.height / spec_.scale},
                     {"scale", 1}};
  auto shot = devtools_.call_for_bytes("Page.captureScreenshot", asked, "data");
  if (!shot) return tl::make_unexpected(shot.error());
  return FilmPicture{jpeg ? PictureKind::jpeg : PictureKind::png, *std::move(shot)};
}

// A PNG, or packed planes: two bytes, how many there are and how many zeros follow them.
Rendered<FilmPicture> FilmPage::take_canvas() {
  using codec::PictureKind;
  const json asked = {{"expression", fmt::format("{}.pixels({})", kFilm, !spec_.files)},
                      {"contextId", main_context_},
                      {"awaitPromise", true},
                      {"returnByValue", true}};
  auto pixels = devtools_.call_for_bytes("Runtime.evaluate", asked, "value");
  if (!pixels) return tl::make_unexpected(pixels.error());
  RETURN_IF_ERROR(judge());
  if (pixels->empty())
    return no_film(fmt::format("--canvas {}: it is gone, or has no pixels", spec_.canvas));
  const std::size_t planes = u8(*pixels, 0);
  if (planes != 3 && planes != 4) return FilmPicture{PictureKind::png, *std::move(pixels)};
  if (pixels->size() < kPlanesHead + u8(*pixels, 1)) return no_film("the page's planes are none");
  pixels->resize(pixels->size() - u8(*pixels, 1));
  return FilmPicture{planes == 4 ? PictureKind::planes_alpha : PictureKind::planes,
                     *std::move(pixels), kPlanesHead};
}

Rendered<json> FilmPage::in(int context, const std::string& expression) {
  ASSIGN_OR_RETURN(
      json answer,
      devtools_.call("Runtime.evaluate", {{"expression", fmt::format("{}?.{}", kFilm, expression)},
                                          {"contextId", context},
                                          {"awaitPromise", true},
                                          {"returnByValue", true}}));
  if (answer.contains("exceptionDetails")) return no_film(error_line(answer["exceptionDetails"]));
  return answer.value("result", json::object()).value("value", json());
}

Rendered<json> FilmPage::in_all(const std::string& expression) {
  auto answer = in(main_context_, expression);
  left_ = !answer && devtools_.refused();
  if (!answer) return answer;
  const std::set<int> others = contexts_;
  for (const int context : others) {
    auto asked = in(context, expression);
    if (!asked && !devtools_.refused()) return asked;  // else the frame has gone meanwhile
  }
  return answer;
}

Rendered<void> FilmPage::settle() {
  while (!requests_.empty()) {
    RETURN_IF_ERROR(devtools_.until([this] { return requests_.empty(); }));
    RETURN_IF_ERROR(in_all("settled()"));
  }
  return {};
}

Rendered<void> FilmPage::judge() const {
  if (thrown_.empty() || spec_.ignore_errors) return {};
  return no_film(fmt::format("an error of the page: {}", thrown_));
}

std::string FilmPage::gone_to(const std::string& address) {
  return fmt::format("the page went {} while it was filmed",
                     address.empty() ? "away" : "to " + address);
}

std::string FilmPage::late_because() const {
  if (!thrown_.empty()) return thrown_;
  for (const auto* under_way : {&requests_, &own_requests_})
    if (!under_way->empty()) return fmt::format("it waits for {}", under_way->begin()->second);
  return loaded_ ? "a script of it does not end, or waits for what does not come"
                 : "it has not loaded";
}

void FilmPage::on_event(const std::string& method, const json& params) {
  if (method == "Page.loadEventFired") {
    loaded_ = true;
  } else if (method == "Page.frameRequestedNavigation") {
    if (params.value("frameId", "") == main_frame_) next_ = params.value("url", "");
  } else if (method == "Page.frameNavigated") {
    on_navigated(params.value("frame", json::object()));
  } else if (method == "Runtime.executionContextCreated") {
    on_context(params.value("context", json::object()));
  } else if (method == "Runtime.executionContextDestroyed") {
    contexts_.erase(params.value("executionContextId", 0));
  } else if (method == "Runtime.executionContextsCleared") {
    contexts_.clear();
    main_context_ = 0;
  } else if (method == "Fetch.requestPaused") {
    give_html(params);
  } else if (method.starts_with("Network.")) {
    on_request(method, params);
  } else if (method == "Runtime.exceptionThrown") {
    const std::string line =
        in_words_of_isolation(error_line(params.value("exceptionDetails", json::object())));
    if (thrown_.empty()) thrown_ = line;
    if (spec_.ignore_errors && spec_.speaks) say_of_page(line);
  } else if (method == "Runtime.consoleAPICalled" || method == "Log.entryAdded") {
    if (const std::string line = in_words_of_isolation(console_line(method, params));
        spec_.speaks && !line.empty())
      say_of_page(line);
  } else if (method == "Inspector.targetCrashed") {
    devtools_.give_up("the page has crashed: it may have had no memory any more");
  } else if (method == "Page.javascriptDialogOpening") {
    devtools_.post("Page.handleJavaScriptDialog", {{"accept", true}});
  }
}

void FilmPage::on_navigated(const json& frame) {
  if (frame.value("id", "") != main_frame_) return;
  ++pages_;
  loaded_ = false;
  address_ = frame.value("url", "");
  if (filmed_) devtools_.give_up(gone_to(address_));
}

// Its own server is nowhere: what it asks there is answered here, the page and nothing else.
void FilmPage::give_html(const json& asked) {
  const bool page = asked.value("request", json::object()).value("url", "") == kIsolatedPage;
  json answer = {{"requestId", asked.value("requestId", "")}, {"responseCode", page ? 200 : 404}};
  if (page) {
    const json type = {{"name", "Content-Type"}, {"value", "text/html; charset=utf-8"}};
    answer["responseHeaders"] = json::array({type});
    answer["body"] = base64_encode(as_bytes(spec_.html));
  }
  devtools_.post("Fetch.fulfillRequest", answer);
}

void FilmPage::on_context(const json& context) {
  const json more = context.value("auxData", json::object());
  if (!more.value("isDefault", false)) return;
  const int id = context.value("id", 0);
  if (more.value("frameId", "") == main_frame_)
    main_context_ = id;
  else
    contexts_.insert(id);
}

void FilmPage::on_request(const std::string& method, const json& params) {
  const std::string id = params.value("requestId", "");
  if (method == "Network.requestWillBeSent") {
    const std::string type = params.value("type", "");
    const std::string url = params.value("request", json::object()).value("url", "");
    // What comes out of the page itself is there; that a worker has it is told to nobody here.
    if (is_waited_for(type) && !url.starts_with("blob:")) requests_[id] = url;
    if (is_waited_for_there(type)) own_requests_[id] = url;
  } else if (method == "Network.loadingFinished" || method == "Network.loadingFailed") {
    requests_.erase(id);
    own_requests_.erase(id);
  } else if (method == "Network.responseReceived" && params.value("type", "") == "Document" &&
             params.value("frameId", "") == main_frame_) {
    status_ = params.value("response", json::object()).value("status", 0);
  }
}

}  // namespace framewire::cli
