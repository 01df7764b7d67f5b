// Whatever an operator's server answers, and whatever a file of keys, a link or an address to ban
// is: a value within the limits or a refusal with a sentence, no exception, and no rights by
// chance. The first byte chooses what the rest is.
#include <nlohmann/json.hpp>

#include "relay/access/counted_address.h"
#include "relay/access/hook_exchange.h"
#include "relay/access/jwt/limits.h"
#include "relay/access/jwt/link.h"
#include "relay/access/named_keys.h"
#include "tests/fuzz/cutter_fuzz.h"

namespace {

using namespace framewire;
using fuzz::check;

constexpr jwt::Instant kNow{std::chrono::seconds{1'800'000'000}};

void check_rights(const std::vector<jwt::Right>& rights) {
  check(!rights.empty() && rights.size() <= jwt::kRights, "rights are limited");
  for (const auto& right : rights)
    check(jwt::is_right_pattern(right.stream), "streams are patterns");
}

void try_answer(std::string_view text) {
  const auto said = relay::read_hook_answer(text);
  check(said || !said.error().empty(), "a refusal has a sentence");
  const auto age = relay::max_age_of(text);
  check(age.count() >= 0 && age <= relay::kHookLongest, "an age is limited");
  check(relay::hook_sentence(text).size() <= jwt::kTextBytes, "a sentence is limited");
  if (!said) return;
  if (said->rights) check_rights(*said->rights);
  check(said->name.size() <= relay::kHookNameBytes, "a name is limited");
  check(said->name.find('\n') == std::string::npos, "names are of one line");
  check(said->metadata.size() <= relay::kHookMetadataBytes, "metadata is limited");
  check(said->metadata.empty() || nlohmann::json::parse(said->metadata).is_object(),
        "metadata is an object");
}

// What strangers send becomes JSON all the same.
void try_question(std::string_view text) {
  const std::vector<std::string> arguments{std::string{text}, "a=" + std::string{text}};
  relay::Credentials shown;
  shown.token = text;
  shown.stream = shown.user_agent = shown.address = text;
  shown.arguments = arguments;
  const auto json = nlohmann::json::parse(relay::hook_question(shown));
  check(json.is_object() && json.at("query").is_array(), "a question is an object");
}

void try_keys(std::string_view text) {
  const auto keys = relay::NamedKeys::read(text);
  check(keys || !keys.error().empty(), "an error has a sentence");
  if (!keys) return;
  check(!keys->all().empty() && keys->all().size() <= relay::kNamedKeys, "keys are limited");
  for (const auto& key : keys->all()) {
    check_rights(key.rights);
    check(!key.name.empty(), "a key has a name");
  }
}

// Nobody who has not the key is let in.
void try_link(std::string_view text) {
  static const auto keys = jwt::LinkKeys::read("0123456789abcdef0123456789abcdef");
  const std::size_t half = text.size() / 2;
  const jwt::ShownLink link{std::string{text.substr(half)}, std::string{text.substr(0, half)}};
  const auto end = keys->verify(link, jwt::Action::watch, text, kNow);
  check(!end && !end.error().what.empty(), "no link is good by chance");
  const auto own = jwt::LinkKeys::read(text);
  check(own || !own.error().empty(), "an error has a sentence");
  if (!own) return;
  check(own->size() <= jwt::kLinkKeys, "keys are limited");
  const jwt::Instant later = kNow + std::chrono::seconds{1};
  const jwt::ShownLink made{own->sign(jwt::Action::watch, "cam", later), "1800000001"};
  check(own->verify(made, jwt::Action::watch, "cam", kNow).has_value(), "what is made is taken");
}

void try_address(std::string_view text) {
  const auto network = relay::counted_network(text);
  if (!network) return;
  check(relay::counted_network(*network) == network, "a network has one name");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr void (*kTries[])(std::string_view) = {try_answer, try_question, try_keys, try_link,
                                                  try_address};
  kTries[data[0] % std::size(kTries)]({reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}
