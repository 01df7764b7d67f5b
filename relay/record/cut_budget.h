// What range cuts take on the recordings' disk: each is a file without a name, there until its
// client has read it, however slowly. A limit on their number and on their bytes together.
// Thread: any.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>

#include "ingest/base/mutex.h"

namespace framewire::relay {

class CutBudget {
 public:
  CutBudget(std::size_t max_cuts, std::uint64_t max_bytes)
      : max_cuts_(max_cuts), max_bytes_(max_bytes) {}

  // One cut's part of it, given back when it ends. Outlived by its budget.
  class Share {
   public:
    explicit Share(CutBudget& budget) : budget_(budget) {}
    ~Share();
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    // It takes so much, or so much instead. False: that is more than there is beside the others,
    // and it holds what it held before. One that is alone may be as large as it is.
    bool hold(std::uint64_t bytes);

   private:
    CutBudget& budget_;
    std::uint64_t bytes_ = 0;
  };
  // Null: there are too many already.
  std::shared_ptr<Share> take();

 private:
  const std::size_t max_cuts_;
  const std::uint64_t max_bytes_;
  Mutex mutex_;
  std::size_t cuts_ FW_GUARDED_BY(mutex_) = 0;
  std::uint64_t bytes_ FW_GUARDED_BY(mutex_) = 0;
};

}  // namespace framewire::relay
