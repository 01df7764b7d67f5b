#include "tools/serving/serve_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "relay/access/token_authorizer.h"
#include "tools/base/nearest.h"
#include "tools/serving/option_file.h"
#include "tools/serving/serve_cluster_rows.h"
#include "tools/serving/serve_upload_rows.h"

namespace framewire::cli {
namespace {

using relay::Config;
using Kind = OptionRow::Kind;

// What one option was said to be, and where.
struct Said {
  std::string source;
  std::vector<std::string> texts;
};

std::vector<std::string> split_at_commas(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t at = 0, comma = 0; comma != std::string::npos; at = comma + 1) {
    comma = text.find(',', at);
    std::string part = text.substr(at, comma - at);
    part.erase(0, part.find_first_not_of(' '));
    part.erase(part.find_last_not_of(' ') + 1);
    parts.push_back(std::move(part));
  }
  return parts;
}

std::optional<Said> said_of(const OptionRow& row, const Flags& flags,
                            const Environment& environment, const std::string& file_name,
                            const FileEntries& entries) {
  if (const auto flag = flags.find(row.name); flag != flags.end()) {
    return Said{"--" + row.name, flag->second};
  }
  const std::string variable = row.environment_name();
  if (const auto text = environment(variable); text && !text->empty()) {
    return Said{variable, row.kind == Kind::list ? split_at_commas(*text) : std::vector{*text}};
  }
  if (const auto entry = entries.find(row.name); entry != entries.end()) {
    return Said{fmt::format("{}:{}: {}", file_name, entry->second.line, row.name),
                entry->second.values};
  }
  return std::nullopt;
}

Parsed<void> apply(const OptionRow& row, const Said& said, ServeSettings& settings) {
  if (row.kind != Kind::list && said.texts.size() != 1) {
    return tl::make_unexpected(said.source + ": one value expected");
  }
  if (auto set = row.set(settings, said.texts); !set) {
    return tl::make_unexpected(fmt::format("{}: {}", said.source, set.error()));
  }
  return {};
}

Parsed<void> check_names(const std::string& file_name, const FileEntries& entries) {
  const auto& rows = serve_option_rows();
  for (const auto& entry : entries) {
    if (std::none_of(rows.begin(), rows.end(),
                     [&](const OptionRow& r) { return r.name == entry.first; })) {
      std::vector<std::string> names;
      for (const OptionRow& row : rows) names.push_back(row.name);
      return tl::make_unexpected(fmt::format("{}:{}: there is no option \"{}\"{}", file_name,
                                             entry.second.line, entry.first,
                                             did_you_mean(entry.first, names)));
    }
  }
  return {};
}

// What no option shows alone.
Parsed<void> check_together(const Config& config) {
  if (config.tls_cert.empty() != config.tls_key.empty()) {
    return tl::make_unexpected("--tls-cert and --tls-key go together");
  }
  if (config.tls_self_signed && !config.tls_cert.empty()) {
    return tl::make_unexpected("--tls-self-signed and --tls-cert exclude each other");
  }
  if (!config.client_ca.empty() && config.tls_cert.empty() && !config.tls_self_signed)
    return tl::make_unexpected(
        "--client-ca needs TLS, in which clients show certificates: --tls-cert and --tls-key, or "
        "--tls-self-signed");
  if (config.needs_client_cert() && config.client_ca.empty())
    return tl::make_unexpected("--client-cert required needs --client-ca FILE, whose they are");
  if (!config.record.empty() && config.record_dir.empty()) {
    return tl::make_unexpected("--record needs --record-dir DIR, where the files go");
  }
  if (auto why = why_no_uploads(config); !why.empty()) return tl::make_unexpected(std::move(why));
  if (config.render && config.record_dir.empty())
    return tl::make_unexpected("--render needs --record-dir DIR, where the films go");
  if (!config.render_origins.empty() && !config.render)
    return tl::make_unexpected("--render-origin goes with --render");
  if (auto why = why_no_cluster(config); !why.empty()) return tl::make_unexpected(std::move(why));
  if (config.webhook.empty() != config.webhook_secret_file.empty())
    return tl::make_unexpected("--webhook and --webhook-secret-file go together");
#ifndef FRAMEWIRE_WITH_FFMPEG
  if (!config.restreams.empty())
    return tl::make_unexpected("--restream needs FFmpeg, which this program was built without");
  if (config.render)
    return tl::make_unexpected("--render needs FFmpeg, which this program was built without");
#endif
  if (config.limits.element_bytes > config.ring_bytes) {
    return tl::make_unexpected(fmt::format("--max-element {} does not fit in --ring-size {}",
                                           format_size(config.limits.element_bytes),
                                           format_size(config.ring_bytes)));
  }
  for (const relay::TcpPoint& point : config.tcp_points)
    if (point.use == relay::TcpPoint::Use::publish && !is_loopback(point.host) && !config.open)
      return tl::make_unexpected(
          fmt::format("--tcp-publish {}={}: anyone could publish there, without a key: give a "
                      "loopback address, or --open if that is meant",
                      point.name, format_address({point.host, point.port})));
  for (const auto* keys : {&config.publish_keys, &config.watch_keys})
    if (!config.jwks.empty() && std::any_of(keys->begin(), keys->end(), relay::looks_like_token))
      return tl::make_unexpected(
          "beside --jwks what has two dots is a token, and so is one of the keys: give another "
          "key");
  const bool asks = !config.jwks.empty() || !config.auth_url.empty() || !config.keys_file.empty() ||
                    !config.link_key_file.empty();
  if (config.open_watch && !asks)
    return tl::make_unexpected(
        "--open-watch is for --jwks, --keys, --link-key and --auth-url: without them, who may "
        "watch "
        "is said by "
        "--watch-key");
  if (!is_loopback(config.host) && config.publish_keys.empty() && !asks && !config.open &&
      !config.needs_client_cert()) {
    return tl::make_unexpected(
        fmt::format("{} is a public address, and anyone could publish: give --publish-key KEY (or "
                    "FRAMEWIRE_PUBLISH_KEY), --keys FILE, --jwks FILE, --auth-url URL, or --open "
                    "if that is meant",
                    format_address({config.host, config.port})));
  }
  return {};
}

using AllSaid = std::map<std::string, Said>;  // by option

Parsed<AllSaid> read_sources(const Flags& flags, const Environment& environment) {
  std::string file_name = environment("FRAMEWIRE_CONFIG").value_or("");
  if (const auto flag = flags.find("config"); flag != flags.end()) file_name = flag->second.back();
  Parsed<FileEntries> entries;
  if (!file_name.empty()) entries = read_option_file(file_name);
  if (!entries) return tl::make_unexpected(entries.error());
  if (auto known = check_names(file_name, *entries); !known)
    return tl::make_unexpected(known.error());
  AllSaid out;
  for (const OptionRow& row : serve_option_rows())
    if (auto said = said_of(row, flags, environment, file_name, *entries))
      out[row.name] = *std::move(said);
  return out;
}

// Each value, and then the whole, is checked.
Parsed<ServeSettings> settle(const AllSaid& all) {
  ServeSettings settings;
  for (const OptionRow& row : serve_option_rows()) {
    const auto said = all.find(row.name);
    if (said == all.end()) continue;
    if (auto applied = apply(row, said->second, settings); !applied)
      return tl::make_unexpected(applied.error());
    settings.said[row.name] = said->second.texts;
  }
  if (auto checked = check_together(settings.config); !checked)
    return tl::make_unexpected(checked.error());
  return settings;
}

}  // namespace

std::string OptionRow::environment_name() const {
  std::string variable = "FRAMEWIRE_" + name;
  for (char& c : variable) {
    if (c == '-') c = '_';
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return variable;
}

std::vector<std::string> strange_variables(const char* const* variables) {
  constexpr std::string_view kPrefix = "FRAMEWIRE_";
  // Without the prefix, which all have and which would make each like each. TOKEN is the other
  // commands', BIN and PROVE the tests'.
  std::vector<std::string> known = {"CONFIG", "TOKEN", "BIN", "PROVE"};
  for (const OptionRow& row : serve_option_rows())
    known.push_back(row.environment_name().substr(kPrefix.size()));
  std::vector<std::string> out;
  for (; *variables != nullptr; ++variables) {
    const std::string_view variable{*variables};
    if (!variable.starts_with(kPrefix)) continue;
    const std::string name{variable.substr(0, variable.find('=')).substr(kPrefix.size())};
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const auto meant = nearest(name, known);
    out.push_back(fmt::format("{}{} is no option{}", kPrefix, name,
                              meant ? fmt::format(" (did you mean {}{}?)", kPrefix, *meant) : ""));
  }
  return out;
}

Parsed<ServeSettings> resolve_serve_settings(const Flags& flags, const Environment& environment) {
  const auto said = read_sources(flags, environment);
  return said ? settle(*said) : tl::make_unexpected(said.error());
}

bool changes_by_api(const OptionRow& row) {
  constexpr std::string_view kGroups[] = {"Streams", "HLS", "Limits", "Running"};
  return row.kind == Kind::value && row.change == OptionRow::Change::any &&
         std::find(std::begin(kGroups), std::end(kGroups), row.group) != std::end(kGroups);
}

relay::OptionTexts settings_by_api(const ServeSettings& settings) {
  relay::OptionTexts out;
  for (const OptionRow& row : serve_option_rows()) {
    if (!changes_by_api(row)) continue;
    const auto said = settings.said.find(row.name);
    out[row.name] = said == settings.said.end() ? row.default_text : said->second.front();
  }
  return out;
}

Parsed<ServeSettings> change_settings(ServeSettings settings, const relay::OptionTexts& options) {
  const auto& rows = serve_option_rows();
  for (const auto& [name, text] : options) {
    const auto row =
        std::find_if(rows.begin(), rows.end(),
                     [&, &wanted = name](const OptionRow& r) { return r.name == wanted; });
    if (row == rows.end()) {
      std::vector<std::string> names;
      for (const OptionRow& each : rows)
        if (changes_by_api(each)) names.push_back(each.name);
      return tl::make_unexpected(fmt::format("there is no option \"{}\"{}", name.substr(0, 64),
                                             did_you_mean(name, names)));
    }
    if (!changes_by_api(*row))
      return tl::make_unexpected(fmt::format("\"{}\" is no option that can be changed here", name));
    const std::vector<std::string> texts{text};
    if (auto applied = apply(*row, {name, texts}, settings); !applied)
      return tl::make_unexpected(applied.error());
    settings.said[name] = texts;
  }
  if (auto checked = check_together(settings.config); !checked)
    return tl::make_unexpected(checked.error());
  return settings;
}

Parsed<Reread> reread_serve_settings(const Flags& flags, const Environment& environment,
                                     const ServeSettings& running) {
  auto said = read_sources(flags, environment);
  if (!said) return tl::make_unexpected(said.error());
  if (const auto alone = settle(*said); !alone) return tl::make_unexpected(alone.error());
  Reread out;
  for (const OptionRow& row : serve_option_rows()) {
    const auto before = running.said.find(row.name);
    const auto now = said->find(row.name);
    const bool was = before != running.said.end(), is = now != said->end();
    if (was == is && (!was || before->second == now->second.texts)) continue;
    const bool keep = row.change == OptionRow::Change::none ||
                      (row.change == OptionRow::Change::of_value && was != is);
    (keep ? out.kept : out.changed).push_back(row.name);
    if (!keep) continue;
    if (is) said->erase(now);
    if (was) (*said)[row.name] = {"--" + row.name, before->second};
  }
  auto settings = settle(*said);
  if (!settings)
    return tl::make_unexpected(fmt::format("{} ({} cannot change while the server runs)",
                                           settings.error(), fmt::join(out.kept, ", ")));
  out.settings = *std::move(settings);
  return out;
}

}  // namespace framewire::cli
