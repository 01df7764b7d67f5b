// The Range header of a request for a file. Pure. Source: RFC 9110 sections 13.1.5 and 14.
#pragma once
#include <cstdint>
#include <string_view>

namespace framewire::relay {

struct ByteRange {
  enum class Answer : std::uint8_t {
    whole,          // no range, or one that may be ignored: 200
    part,           // 206
    unsatisfiable,  // 416
  } answer = Answer::whole;
  std::uint64_t from = 0;
  std::uint64_t size = 0;  // bytes to send, 0 for unsatisfiable
};

// range, if_range: the headers, "" = absent; etag: of the file, with its quotes. One range only:
// several are answered with the whole file, as is a range of other bytes than if_range means.
ByteRange judge_range(std::string_view range, std::string_view if_range, std::string_view etag,
                      std::uint64_t file_size);

}  // namespace framewire::relay
