#include "tools/token/token_command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "relay/access/jwt/limits.h"
#include "tools/base/help_text.h"

namespace framewire::cli {
namespace {

constexpr const char* kTokenFooter =
    "  framewire token keygen cam\n"
    "  framewire token sign --key cam.jwk --publish 'room/*' --ttl 2h > token\n"
    "  framewire token verify --jwks cam.jwks < token\n\n"
    "A token is a JSON Web Token (RFC 7519). Whoever has the private key, cam.jwk, can make them;\n"
    "the set cam.jwks verifies them. `link` makes signed links, for people. `framewire token "
    "COMMAND --help` lists a command's options.";
constexpr const char* kKeygenFooter =
    "  framewire token keygen cam --alg EdDSA\n\n"
    "Writes NAME.jwk, which signs and is nobody else's, and NAME.jwks, which verifies. With HS256\n"
    "both hold the same secret.";
constexpr const char* kSignFooter =
    "  framewire token sign --key cam.jwk --publish cam --talk cam --ttl 2h --sub anna\n"
    "  framewire token sign --key cam.jwk --watch '*'\n\n"
    "STREAM is a stream's name, in which * stands for any characters. Each right can be given "
    "several\n"
    "times; one is needed. The token is written to stdout.";
constexpr const char* kVerifyFooter =
    "  framewire token verify --jwks cam.jwks < token\n\n"
    "Prints what the token says, as JSON, or on stderr why it is refused: token-expired, say; then "
    "the\n"
    "exit code is 4. A token in a command line can be seen by others: better give it to stdin.";

constexpr const char* kLinkFooter =
    "  openssl rand -hex 32 > links.key\n"
    "  framewire token link --key links.key --watch cam --ttl 2h --server "
    "https://cam.example.org\n\n"
    "Prints an address that opens one stream until its time is over, on a server with\n"
    "--link-key FILE. Whoever has the address has the right.";

CLI::Option& value(CLI::App& command, const char* name, std::string& to, const char* shape,
                   const char* help) {
  return *command.add_option(name, to, wrapped(help))->option_text(shape);
}
CLI::Option& values(CLI::App& command, const char* name, std::vector<std::string>& to,
                    const char* shape, const char* help) {
  return *command.add_option(name, to, wrapped(help))->option_text(shape)->allow_extra_args(false);
}

template <class T>
tl::unexpected<std::string> wrong_option(const char* option, const T& why) {
  return tl::make_unexpected(fmt::format("{}: {}", option, why));
}

struct Granting {
  jwt::Action action;
  const char* option;
  const char* help;
};
constexpr std::array<Granting, 6> kGrantings = {{
    {jwt::Action::publish, "--publish", "May publish it"},
    {jwt::Action::watch, "--watch", "May watch it"},
    {jwt::Action::talk, "--talk", "May say something beside it"},
    {jwt::Action::record, "--record", "May have it recorded"},
    {jwt::Action::manage, "--manage", "May manage it"},
    {jwt::Action::moderate, "--moderate", "May moderate its chat"},
}};

// What stands before and behind the stream's name.
struct LinkPath {
  std::string_view kind;
  const char* path;
};
constexpr std::array<LinkPath, 8> kLinkPaths = {{
    {"page", "/watch/{}"},
    {"embed", "/embed/{}"},
    {"live", "/live/{}"},
    {"hls", "/live/{}/index.m3u8"},
    {"mp4", "/live/{}.mp4"},
    {"ts", "/live/{}.ts"},
    {"flv", "/live/{}.flv"},
    {"webm", "/live/{}.webm"},
}};

}  // namespace

struct TokenCommandLine::Words {
  std::string name;
  std::string algorithm = "ES256";
  std::string key_id;
  std::string key_file;
  std::string keys_file;
  std::string token = "-";
  std::string claim = "framewire";
  std::string life = "1h";
  std::string leeway = "60s";
  std::string subject;
  std::string issuer;
  std::vector<std::string> audiences;
  std::array<std::vector<std::string>, kGrantings.size()> patterns;
  std::string watch, publish;  // of a link
  std::string server;
  std::string as = "page";
  bool metrics = false;
  bool force = false;
};

TokenCommandLine::TokenCommandLine(CLI::App& app)
    : words_(std::make_unique<Words>()),
      token_(*app.add_subcommand("token", "Make tokens (JWT) and their keys, and verify them")
                  ->group("Commands")) {
  Words& w = *words_;
  token_.footer(kTokenFooter);
  token_.set_help_flag("-h,--help", "Show this help");
  token_.allow_extras();

  CLI::App& keygen = add("keygen", "Make a key", kKeygenFooter);
  keygen.add_option("NAME", w.name, "Of the files, without .jwk")->required()->option_text(" ");
  value(keygen, "--alg", w.algorithm, "NAME", "HS256, RS256, PS256, ES256 or EdDSA [ES256]");
  value(keygen, "--kid", w.key_id, "TEXT", "The key's name in sets and tokens [one by chance]");
  keygen.add_flag("--force", w.force, "Write over files that are there");

  CLI::App& sign = add("sign", "Make a token", kSignFooter);
  value(sign, "--key", w.key_file, "FILE", "The private key, a JWK").required();
  for (std::size_t i = 0; i < kGrantings.size(); ++i)
    values(sign, kGrantings[i].option, w.patterns[i], "STREAM", kGrantings[i].help).group("Rights");
  sign.add_flag("--metrics", w.metrics, "May read the metrics")->group("Rights");
  value(sign, "--ttl", w.life, "TIME", "For how long it is good [1h]");
  value(sign, "--sub", w.subject, "TEXT", "Whose it is");
  value(sign, "--iss", w.issuer, "TEXT", "Who issues it");
  values(sign, "--aud", w.audiences, "TEXT", "For which servers it is; repeatable");
  value(sign, "--kid", w.key_id, "TEXT", "The key's name [as the key says]");
  value(sign, "--claim", w.claim, "NAME", "The claim of the rights [framewire]");

  CLI::App& verify = add("verify", "Say whether a token is good", kVerifyFooter);
  verify.add_option("TOKEN", w.token, "The token [-, that is stdin]")->option_text(" ");
  value(verify, "--jwks", w.keys_file, "FILE", "The keys, a JWK Set or a JWK").required();
  value(verify, "--iss", w.issuer, "TEXT", "Who has to have issued it [anybody]");
  values(verify, "--aud", w.audiences, "TEXT", "For whom it has to be; repeatable [nobody]");
  value(verify, "--leeway", w.leeway, "TIME", "How far clocks may be apart [60s]");
  value(verify, "--claim", w.claim, "NAME", "The claim of the rights [framewire]");

  CLI::App& link = add("link", "Make a signed link", kLinkFooter);
  value(link, "--key", w.key_file, "FILE", "The file of keys; the first one signs").required();
  value(link, "--watch", w.watch, "NAME", "Whoever has the link may watch this stream, and chat");
  value(link, "--publish", w.publish, "NAME", "Or publish it");
  value(link, "--ttl", w.life, "TIME", "For how long it is good [1h]");
  value(link, "--server", w.server, "URL", "What stands before the path [nothing]");
  value(link, "--as", w.as, "KIND",
        "Of what to watch: page, embed, live (WebSocket, HTTP), hls, mp4, ts, flv, webm [page]");
}

TokenCommandLine::~TokenCommandLine() = default;

CLI::App& TokenCommandLine::add(const char* name, const char* about, const char* footer) {
  CLI::App& command = *token_.add_subcommand(name, about)->group("Commands");
  command.footer(footer);
  command.set_help_flag("-h,--help", "Show this help");
  command.allow_extras();
  commands_.push_back(&command);
  return command;
}

CLI::App* TokenCommandLine::parsed() const {
  const auto found = std::find_if(commands_.begin(), commands_.end(),
                                  [](const CLI::App* command) { return command->parsed(); });
  if (found != commands_.end()) return *found;
  return token_.parsed() ? &token_ : nullptr;
}

Parsed<TokenCommand> TokenCommandLine::resolve() const {
  const std::string name = parsed()->get_name();
  if (name == "link") return link();
  return name == "keygen" ? keygen() : name == "sign" ? sign() : verify();
}

Parsed<TokenCommand> TokenCommandLine::keygen() const {
  const Words& w = *words_;
  const auto algorithm = jwt::algorithm_named(w.algorithm);
  if (!algorithm) return wrong_option("--alg", "HS256, RS256, PS256, ES256 or EdDSA is wanted");
  if (w.key_id.size() > jwt::kKeyIdBytes) return wrong_option("--kid", "at most 256 bytes");
  return KeygenOptions{w.name, *algorithm, w.key_id, w.force};
}

Parsed<TokenCommand> TokenCommandLine::sign() const {
  const Words& w = *words_;
  SignOptions out;
  out.key_file = w.key_file;
  out.key_id = w.key_id;
  out.claim = w.claim;
  out.subject = w.subject;
  out.issuer = w.issuer;
  out.audiences = w.audiences;
  for (std::size_t i = 0; i < kGrantings.size(); ++i)
    for (const std::string& pattern : w.patterns[i]) {
      if (!jwt::is_right_pattern(pattern))
        return wrong_option(kGrantings[i].option,
                            "a stream's name is wanted, in which * may stand");
      out.rights.push_back({kGrantings[i].action, pattern});
    }
  if (w.metrics) out.rights.push_back({jwt::Action::metrics, "*"});
  if (out.rights.empty())
    return tl::make_unexpected("a token without rights is good for nothing: --watch STREAM, say");
  if (out.rights.size() > jwt::kRights) return wrong_option("--publish ...", "at most 64 rights");
  const auto life = parse_duration(w.life);
  if (!life) return wrong_option("--ttl", life.error());
  out.life = std::chrono::ceil<std::chrono::seconds>(*life);
  if (out.life.count() == 0) return wrong_option("--ttl", "at least a second");
  return out;
}

Parsed<TokenCommand> TokenCommandLine::verify() const {
  const Words& w = *words_;
  const auto leeway = parse_duration(w.leeway);
  if (!leeway) return wrong_option("--leeway", leeway.error());
  return VerifyTokenOptions{w.token,
                            w.keys_file,
                            {.issuer = w.issuer,
                             .audiences = w.audiences,
                             .leeway = std::chrono::floor<std::chrono::seconds>(*leeway),
                             .claim = w.claim}};
}

Parsed<TokenCommand> TokenCommandLine::link() const {
  const Words& w = *words_;
  if (w.watch.empty() == w.publish.empty())
    return tl::make_unexpected("either --watch NAME or --publish NAME is wanted");
  LinkOptions out;
  out.key_file = w.key_file;
  out.action = w.watch.empty() ? jwt::Action::publish : jwt::Action::watch;
  out.stream = w.watch.empty() ? w.publish : w.watch;
  if (!jwt::is_right_pattern(out.stream) || out.stream.find('*') != std::string::npos)
    return wrong_option(w.watch.empty() ? "--publish" : "--watch",
                        "the name of one stream is wanted");
  const auto life = parse_duration(w.life);
  if (!life) return wrong_option("--ttl", life.error());
  out.life = std::chrono::ceil<std::chrono::seconds>(*life);
  if (out.life.count() == 0) return wrong_option("--ttl", "at least a second");
  out.server = w.server;
  while (out.server.ends_with('/')) out.server.pop_back();
  const auto kind = std::find_if(kLinkPaths.begin(), kLinkPaths.end(),
                                 [&](const LinkPath& path) { return w.as == path.kind; });
  if (kind == kLinkPaths.end())
    return wrong_option("--as", "page, embed, live, hls, mp4, ts, flv or webm is wanted");
  if (out.action == jwt::Action::publish && w.as != "page")
    return wrong_option("--as", "it is for --watch; what is published has one address");
  out.path = out.action == jwt::Action::publish ? "/publish/{}" : kind->path;
  return out;
}

}  // namespace framewire::cli
