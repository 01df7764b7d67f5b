#include "relay/tls/client_authority.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <system_error>
#include <utility>

#include "relay/tls/client_names.h"

namespace framewire::relay {
namespace {

// What says which authorities there are, so that a client can choose: not if it is a book.
constexpr std::size_t kMostNamed = 100;
constexpr int kLongestChain = 8;
constexpr std::string_view kContextName = "framewire client";

struct FreeBio {
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};
struct FreeInfos {
  void operator()(STACK_OF(X509_INFO) * infos) const noexcept {
    sk_X509_INFO_pop_free(infos, X509_INFO_free);
  }
};
struct FreeContext {
  void operator()(X509_STORE_CTX* context) const noexcept { X509_STORE_CTX_free(context); }
};

int no_passphrase_here(char*, int, int, void*) {
  return -1;
}

// By which authority a connection's certificate was checked last.
int checked_by_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}
// Where a context has its ClientDoor.
int door_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

const ClientDoor* door_of(const SSL* tls) {
  return tls ? static_cast<const ClientDoor*>(
                   SSL_CTX_get_ex_data(SSL_get_SSL_CTX(tls), door_index()))
             : nullptr;
}

std::string_view name_of_fault(int error) {
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "certificate-expired";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "certificate-not-yet";
    case X509_V_ERR_CERT_REVOKED:
      return "certificate-revoked";
    case X509_V_ERR_INVALID_PURPOSE:
      return "certificate-purpose";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_INVALID_CA:
      return "certificate-untrusted";
    default:
      return "certificate-refused";
  }
}

// Of a client's own certificate a list has to say that it is not revoked. Of an authority above it
// one is heeded that is there.
bool is_unlisted_authority(X509_STORE_CTX* checked) {
  const int error = X509_STORE_CTX_get_error(checked);
  return (error == X509_V_ERR_UNABLE_TO_GET_CRL || error == X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER) &&
         X509_STORE_CTX_get_error_depth(checked) > 0;
}

// OpenSSL has decided; this tells.
int on_verified(int good, X509_STORE_CTX* checked) {
  if (good == 1) return 1;
  if (is_unlisted_authority(checked)) {
    X509_STORE_CTX_set_error(checked, X509_V_OK);
    return 1;
  }
  const auto* tls = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(checked, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const ClientDoor* door = door_of(tls);
  if (door && door->on_refused) {
    const int error = X509_STORE_CTX_get_error(checked);
    const X509* const leaf = X509_STORE_CTX_get0_cert(checked);
    door->on_refused(
        SSL_get_fd(tls),
        fmt::format("{}: the client certificate of \"{}\": {}", name_of_fault(error),
                    leaf ? subject_of(*leaf) : "", X509_verify_cert_error_string(error)));
  }
  return 0;
}

// Of a client without a certificate OpenSSL tells nobody but that client, by an alert.
void on_state(const SSL* tls, int where, int alert) {
  const bool fatal = (where & SSL_CB_WRITE_ALERT) == SSL_CB_WRITE_ALERT &&
                     alert >> 8 == SSL3_AL_FATAL;  // SSL_CTX_set_info_callback(3)
  if (!fatal || SSL_is_init_finished(tls)) return;
  if (ERR_GET_REASON(ERR_peek_last_error()) != SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) return;
  if (const ClientDoor* door = door_of(tls); door && door->on_refused)
    door->on_refused(SSL_get_fd(tls),
                     "certificate-missing: no client certificate was shown (--client-cert)");
}

int on_hello(SSL* tls, int*, void* door_data) {
  const auto& door = *static_cast<const ClientDoor*>(door_data);
  door.authority->ask_in(*tls, door.required);
  return SSL_CLIENT_HELLO_SUCCESS;
}

}  // namespace

void ClientAuthority::FreeStore::operator()(x509_store_st* store) const noexcept {
  X509_STORE_free(store);
}

Result<std::shared_ptr<const ClientAuthority>> ClientAuthority::load(const std::string& path) {
  static std::atomic<std::uintptr_t> last{0};
  const std::unique_ptr<BIO, FreeBio> file{BIO_new_file(path.c_str(), "r")};
  if (!file) {
    const int why = errno;
    ERR_clear_error();
    return fail(Errc::refused, fmt::format("--client-ca {} cannot be read: {}", path,
                                           std::generic_category().message(why)));
  }
  const std::unique_ptr<STACK_OF(X509_INFO), FreeInfos> infos{
      PEM_X509_INFO_read_bio(file.get(), nullptr, no_passphrase_here, nullptr)};
  const int count = infos ? sk_X509_INFO_num(infos.get()) : 0;
  if (count > static_cast<int>(kMostAuthorities)) {
    ERR_clear_error();
    return fail(Errc::refused, fmt::format("--client-ca {} holds more than {} certificates", path,
                                           kMostAuthorities));
  }
  auto out = std::make_shared<ClientAuthority>();
  out->number_ = ++last;
  out->store_.reset(X509_STORE_new());
  bool good = out->store_ != nullptr, lists = false;
  for (int i = 0; good && i < count; ++i) {
    const X509_INFO* info = sk_X509_INFO_value(infos.get(), i);
    if (info->x509) {
      good =
          X509_STORE_add_cert(out->store_.get(), info->x509) == 1 && X509_up_ref(info->x509) == 1;
      if (good) out->authorities_.emplace_back(info->x509);
    }
    if (info->crl) {
      good = good && X509_STORE_add_crl(out->store_.get(), info->crl) == 1;
      lists = true;
    }
  }
  ERR_clear_error();
  if (!good || out->authorities_.empty())
    return fail(Errc::refused, fmt::format("--client-ca {} holds no PEM certificate", path));
  // An authority need not be the root of all: who lists one trusts that one.
  X509_STORE_set_flags(
      out->store_.get(),
      X509_V_FLAG_PARTIAL_CHAIN | (lists ? X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL : 0));
  return out;
}

void ClientAuthority::ask_in(SSL& handshake, bool required) const {
  SSL_set1_verify_cert_store(&handshake, store_.get());
  SSL_set_verify_depth(&handshake, kLongestChain);
  SSL_set_verify(&handshake, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                 on_verified);
  if (authorities_.size() <= kMostNamed)
    for (const Certificate& authority : authorities_)
      SSL_add_client_CA(&handshake, authority.get());
  SSL_set_ex_data(&handshake, checked_by_index(), reinterpret_cast<void*>(number_));
}

ClientAuthority::Shown ClientAuthority::look(SSL& tls) const {
  X509* const leaf = SSL_is_init_finished(&tls) ? SSL_get0_peer_certificate(&tls) : nullptr;
  if (!leaf) return Shown::nothing;
  if (SSL_get_verify_result(&tls) != X509_V_OK) return Shown::foreign;
  const auto ours = reinterpret_cast<void*>(number_);
  if (SSL_get_ex_data(&tls, checked_by_index()) == ours) return Shown::good;
  const std::unique_ptr<X509_STORE_CTX, FreeContext> check{X509_STORE_CTX_new()};
  if (!check ||
      X509_STORE_CTX_init(check.get(), store_.get(), leaf, SSL_get_peer_cert_chain(&tls)) != 1 ||
      X509_STORE_CTX_set_default(check.get(), "ssl_client") != 1) {
    ERR_clear_error();
    return Shown::foreign;
  }
  X509_STORE_CTX_set_depth(check.get(), kLongestChain);
  X509_STORE_CTX_set_verify_cb(check.get(), on_verified);
  const bool good = X509_verify_cert(check.get()) == 1;
  ERR_clear_error();
  if (!good) return Shown::foreign;
  SSL_set_ex_data(&tls, checked_by_index(), ours);
  return Shown::good;
}

bool ClientAuthority::takes(SSL& tls) const {
  return look(tls) != Shown::foreign;
}

std::optional<ClientCertificate> ClientAuthority::shown_by(SSL& tls, Time now) const {
  if (look(tls) != Shown::good) return std::nullopt;
  ClientCertificate out = certificate_facts(*SSL_get0_peer_certificate(&tls), now);
  const STACK_OF(X509)* const chain = SSL_get0_verified_chain(&tls);
  for (int i = 1; chain && i < sk_X509_num(chain); ++i)
    out.ends = std::min(out.ends, end_of(*sk_X509_value(chain, i), now));
  return out;
}

void ask_for_certificates(SSL_CTX& context, const ClientDoor& door) {
  SSL_CTX_set_ex_data(&context, door_index(), const_cast<ClientDoor*>(&door));
  // Where no handshake says otherwise nobody is taken, for the context trusts no authority.
  SSL_CTX_set_verify(&context,
                     SSL_VERIFY_PEER | (door.required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                     on_verified);
  SSL_CTX_set_client_hello_cb(&context, on_hello, const_cast<ClientDoor*>(&door));
  SSL_CTX_set_info_callback(&context, on_state);
  // What a ticket says was true when it was made.
  SSL_CTX_set_session_cache_mode(&context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(&context, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(&context, 0);
  SSL_CTX_set_session_id_context(&context,
                                 reinterpret_cast<const unsigned char*>(kContextName.data()),
                                 static_cast<unsigned>(kContextName.size()));
}

}  // namespace framewire::relay
