#include <openssl/core_names.h>

#include <utility>
#include <vector>

#include "relay/access/jwt/evp.h"
#include "relay/access/jwt/evp_handles.h"
#include "relay/access/jwt/limits.h"

namespace framewire::jwt {
namespace {

using Pair = std::pair<const char*, const char*>;

// JWK's names of RSA's numbers, and OpenSSL's.
constexpr Pair kRsaNames[] = {
    {"n", OSSL_PKEY_PARAM_RSA_N},          {"e", OSSL_PKEY_PARAM_RSA_E},
    {"d", OSSL_PKEY_PARAM_RSA_D},          {"p", OSSL_PKEY_PARAM_RSA_FACTOR1},
    {"q", OSSL_PKEY_PARAM_RSA_FACTOR2},    {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
    {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2}, {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1},
};
constexpr Pair kP256Names[] = {{"x", OSSL_PKEY_PARAM_EC_PUB_X},
                               {"y", OSSL_PKEY_PARAM_EC_PUB_Y},
                               {"d", OSSL_PKEY_PARAM_PRIV_KEY}};
constexpr std::size_t kFieldBytes = 32;  // of P-256 and Ed25519

PkeyPtr owned(EVP_PKEY* key) {
  return key == nullptr ? PkeyPtr{} : PkeyPtr{key, EVP_PKEY_free};
}

bool is_private(const Numbers& numbers) {
  return numbers.contains("d");
}

std::string_view number(const Numbers& numbers, std::string_view name) {
  const auto found = numbers.find(name);
  return found == numbers.end() ? std::string_view{} : std::string_view{found->second};
}

// Keeps what it pushes until the parameters are made.
class KeyBuilder {
 public:
  bool push(const char* name, std::string_view bytes) {
    kept_.emplace_back(BN_bin2bn(octets(bytes), static_cast<int>(bytes.size()), nullptr));
    return kept_.back() && OSSL_PARAM_BLD_push_BN(builder_.get(), name, kept_.back().get()) == 1;
  }
  bool push_point(std::string_view point) {
    return OSSL_PARAM_BLD_push_octet_string(builder_.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                            point.size()) == 1;
  }
  bool push_group(const char* group) {
    return OSSL_PARAM_BLD_push_utf8_string(builder_.get(), OSSL_PKEY_PARAM_GROUP_NAME, group, 0) ==
           1;
  }
  // Null, unless the numbers are a key: a point of the curve, a private part that fits the public.
  PkeyPtr make(const char* type, bool with_private) {
    const Params params{OSSL_PARAM_BLD_to_param(builder_.get())};
    const KeyContext context{EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr)};
    EVP_PKEY* made = nullptr;
    const int selection = with_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
    if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &made, selection, params.get()) != 1)
      return {};
    PkeyPtr key = owned(made);
    const KeyContext checking{EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr)};
    if (!checking || EVP_PKEY_public_check(checking.get()) != 1) return {};
    if (with_private && EVP_PKEY_pairwise_check(checking.get()) != 1) return {};
    return key;
  }

 private:
  ParamBuilder builder_{OSSL_PARAM_BLD_new()};
  std::vector<BigNumber> kept_;
};

std::string number_of(const PkeyPtr& key, const char* name, std::size_t width) {
  BIGNUM* got = nullptr;
  if (EVP_PKEY_get_bn_param(key.get(), name, &got) != 1) return {};
  const BigNumber value{got};
  const auto size = width > 0 ? width : static_cast<std::size_t>(BN_num_bytes(value.get()));
  std::string bytes(size, '\0');
  BN_bn2binpad(value.get(), octets(bytes), static_cast<int>(size));
  return bytes;
}

std::string raw_ed25519(const PkeyPtr& key, int (*get)(const EVP_PKEY*, unsigned char*, size_t*)) {
  std::string bytes(kFieldBytes, '\0');
  std::size_t size = bytes.size();
  return get(key.get(), octets(bytes), &size) == 1 && size == kFieldBytes ? bytes : std::string{};
}

}  // namespace

PkeyPtr make_rsa(const Numbers& numbers) {
  const ErrorsForgotten forgotten;
  KeyBuilder builder;
  for (const auto& [name, theirs] : kRsaNames)
    if (numbers.contains(name) && !builder.push(theirs, number(numbers, name))) return {};
  return builder.make("RSA", is_private(numbers));
}

PkeyPtr make_p256(const Numbers& numbers) {
  const ErrorsForgotten forgotten;
  const std::string_view x = number(numbers, "x");
  const std::string_view y = number(numbers, "y");
  const std::string_view d = number(numbers, "d");
  if (x.size() != kFieldBytes || y.size() != kFieldBytes) return {};
  if (is_private(numbers) && d.size() != kFieldBytes) return {};
  KeyBuilder builder;
  std::string point{"\x04"};  // uncompressed: SEC 1, 2.3.3
  point.append(x).append(y);
  if (!builder.push_group("P-256") || !builder.push_point(point)) return {};
  if (is_private(numbers) && !builder.push(OSSL_PKEY_PARAM_PRIV_KEY, d)) return {};
  return builder.make("EC", is_private(numbers));
}

PkeyPtr make_ed25519(const Numbers& numbers) {
  const ErrorsForgotten forgotten;
  const std::string_view x = number(numbers, "x");
  const std::string_view d = number(numbers, "d");
  if (x.size() != kFieldBytes) return {};
  if (!is_private(numbers))
    return owned(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets(x), x.size()));
  if (d.size() != kFieldBytes) return {};
  PkeyPtr key = owned(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, octets(d), d.size()));
  return key && raw_ed25519(key, EVP_PKEY_get_raw_public_key) == x ? key : PkeyPtr{};
}

PkeyPtr generate(Algorithm algorithm) {
  const ErrorsForgotten forgotten;
  if (algorithm == Algorithm::es256)
    return owned(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  if (algorithm == Algorithm::eddsa) return owned(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  return owned(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<std::size_t>(kRsaBits)));
}

Numbers numbers_of(Algorithm algorithm, const PkeyPtr& key) {
  const ErrorsForgotten forgotten;
  Numbers out;
  if (algorithm == Algorithm::eddsa) {
    out["x"] = raw_ed25519(key, EVP_PKEY_get_raw_public_key);
    out["d"] = raw_ed25519(key, EVP_PKEY_get_raw_private_key);
  } else if (algorithm == Algorithm::es256) {
    for (const auto& [name, theirs] : kP256Names) out[name] = number_of(key, theirs, kFieldBytes);
  } else {
    for (const auto& [name, theirs] : kRsaNames) out[name] = number_of(key, theirs, 0);
  }
  return out;
}

int bits_of(const PkeyPtr& key) {
  return EVP_PKEY_get_bits(key.get());
}

}  // namespace framewire::jwt
