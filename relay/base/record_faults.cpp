#include "relay/base/record_faults.h"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

namespace framewire::relay {

RecordError disk_error(int error_number, std::string_view doing, std::string_view path) {
  RecordFault fault = RecordFault::disk_error;
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      fault = RecordFault::disk_full;
      break;
    case EACCES:
    case EPERM:
    case EROFS:
    case ENOTDIR:
    case ENOENT:
      fault = RecordFault::disk_unwritable;
      break;
    default:
      break;
  }
  return {fault,
          fmt::format("{} {}: {}", doing, path, std::generic_category().message(error_number))};
}

}  // namespace framewire::relay
