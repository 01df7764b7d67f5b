// Several lambdas as one function object, for std::visit: one for each type of a variant.
#pragma once

namespace framewire::relay {

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;  // clang 14 needs to be told

}  // namespace framewire::relay
