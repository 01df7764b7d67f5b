#include "relay/record/cut_budget.h"

namespace framewire::relay {

std::shared_ptr<CutBudget::Share> CutBudget::take() {
  {
    const Lock lock{mutex_};
    if (cuts_ >= max_cuts_) return nullptr;
    ++cuts_;
  }
  return std::make_shared<Share>(*this);
}

CutBudget::Share::~Share() {
  const Lock lock{budget_.mutex_};
  --budget_.cuts_;
  budget_.bytes_ -= bytes_;
}

bool CutBudget::Share::hold(std::uint64_t bytes) {
  const Lock lock{budget_.mutex_};
  const std::uint64_t others = budget_.bytes_ - bytes_;
  if (bytes > bytes_ && others > 0 && others + bytes > budget_.max_bytes_) return false;
  budget_.bytes_ = others + bytes;
  bytes_ = bytes;
  return true;
}

}  // namespace framewire::relay
