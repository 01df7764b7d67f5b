// Where the pictures of a film go: into a child that encodes them (codec/render.h), or each into a
// file of its own; and their hashes. The film is called OUT once it is whole, until then OUT.new.
// Thread: one. Errors: kExitDisk, kExitNotFound (the sound), kExitFailed.
#pragma once
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "codec/child_process.h"
#include "codec/render.h"
#include "tools/render/film_page.h"

namespace framewire::cli {

struct FilmTarget {
  codec::RenderSpec film;  // container "" = pictures, a file each
  std::string out;         // with %d or %05d for pictures
  std::string audio;
  std::string hashes;
  bool force = false;
};

// "frames/%05d.png" with the number of a frame in it; nullopt: it has no place for one, or several.
std::optional<std::string> numbered(const std::string& pattern, std::uint64_t number);

class FilmWriter {
 public:
  static Rendered<std::unique_ptr<FilmWriter>> open(const FilmTarget& target);
  ~FilmWriter();  // what is not whole is removed
  FilmWriter(const FilmWriter&) = delete;
  FilmWriter& operator=(const FilmWriter&) = delete;

  // The next frame.
  Rendered<void> add(const FilmPicture& picture);
  // Gives the bytes of the film.
  Rendered<std::uint64_t> finish();

 private:
  explicit FilmWriter(const FilmTarget& target) : target_(target) {}
  Rendered<void> start_child();
  Rendered<void> send(Bytes bytes);
  Rendered<void> read_hashes(std::uint64_t until);
  Rendered<void> write_file(const FilmPicture& picture);
  tl::unexpected<RenderFailure> child_failed();
  tl::unexpected<RenderFailure> failure_of(const codec::ChildEnd& end) const;
  bool has_child() const { return child_.has_value(); }

  const FilmTarget target_;
  std::string fresh_;  // the name until it is whole; "" = there is nothing to remove
  UniqueFd file_;
  UniqueFd sound_;
  UniqueFd socket_;
  std::optional<codec::ChildProcess> child_;
  std::FILE* hashes_ = nullptr;
  std::uint64_t added_ = 0;
  std::uint64_t hashed_ = 0;
  std::uint64_t bytes_ = 0;  // of pictures that are files
  Buffer half_hash_;
};

}  // namespace framewire::cli
