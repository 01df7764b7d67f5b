// A BatchSender on io_uring (Linux 5.6 and later): a system call for all sends of a batch. They are
// done within that call, since each says MSG_DONTWAIT: nothing outlives it.
#pragma once
#include <memory>

#include "relay/base/batch_sender.h"

namespace framewire::relay {

// nullptr: this kernel, or whoever confines the process, does not let it be.
std::unique_ptr<BatchSender> open_uring_sender();

}  // namespace framewire::relay
