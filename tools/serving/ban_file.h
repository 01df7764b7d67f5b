// The bans that were made by the API, kept over a restart in the folder of --state-dir: `bans`, a
// JSON object {"bans": [...]} of rows as the API takes them (schema BanWish). Written beside the
// old one, synced, and renamed. Thread: one. Errors: a sentence.
#pragma once
#include <string>

#include "ingest/base/error.h"
#include "relay/access/bans.h"

namespace framewire::cli {

class BanFile {
 public:
  // folder: "" = nothing is kept.
  explicit BanFile(std::string folder) : folder_(std::move(folder)) {}

  // Adds them to `to`, but for those that are over. Nothing is there: no error.
  Result<void> read(relay::Bans& to) const;
  // Of `from` those that are not of the configuration.
  Result<void> write(const relay::Bans& from) const;

 private:
  std::string folder_;
};

}  // namespace framewire::cli
