#include "relay/tls/client_names.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string_view>

#include "relay/base/certificate_name.h"

namespace framewire::relay {
namespace {

constexpr std::size_t kSubjectBytes = 200;
constexpr int kDaySeconds = 24 * 60 * 60;
// A steady clock's nanoseconds do not reach to the year 9999.
constexpr int kLongestDays = 3'650;

struct FreeMemory {
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};
struct FreeNames {
  void operator()(GENERAL_NAMES* names) const noexcept { GENERAL_NAMES_free(names); }
};
struct FreeUtf8 {
  void operator()(unsigned char* text) const noexcept { OPENSSL_free(text); }
};

void add(ClientCertificate& to, std::string_view kind, std::string_view text) {
  if (auto name = certificate_name(fmt::format("{}:{}", kind, text)))
    to.names.push_back(*std::move(name));
}

std::string_view text_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

void add_address(ClientCertificate& to, const ASN1_OCTET_STRING* bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int length = ASN1_STRING_length(bytes);
  const int family = length == 4 ? AF_INET : length == 16 ? AF_INET6 : AF_UNSPEC;
  if (family != AF_UNSPEC &&
      ::inet_ntop(family, ASN1_STRING_get0_data(bytes), text.data(), text.size()))
    add(to, "IP", text.data());
}

void add_alternatives(ClientCertificate& to, const X509& certificate) {
  const std::unique_ptr<GENERAL_NAMES, FreeNames> names{static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr))};
  const int count = names ? std::min(sk_GENERAL_NAME_num(names.get()), kMostCertificateNames) : 0;
  for (int i = 0; i < count; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS)
      add(to, "DNS", text_of(name->d.dNSName));
    else if (name->type == GEN_URI)
      add(to, "URI", text_of(name->d.uniformResourceIdentifier));
    else if (name->type == GEN_EMAIL)
      add(to, "email", text_of(name->d.rfc822Name));
    else if (name->type == GEN_IPADD)
      add_address(to, name->d.iPAddress);
  }
}

// Where there are several it is not clear which one is meant.
void add_common_name(ClientCertificate& to, const X509& certificate) {
  const X509_NAME* subject = X509_get_subject_name(&certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0) return;
  unsigned char* bytes = nullptr;
  const int length =
      ASN1_STRING_to_UTF8(&bytes, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  const std::unique_ptr<unsigned char, FreeUtf8> text{bytes};
  if (length > 0)
    add(to, "CN", {reinterpret_cast<const char*>(text.get()), static_cast<std::size_t>(length)});
}

void add_fingerprint(ClientCertificate& to, const X509& certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  if (X509_digest(&certificate, EVP_sha256(), digest.data(), &length) != 1) return;
  std::string text;
  for (unsigned i = 0; i < length; ++i) text += fmt::format("{:02x}", digest[i]);
  add(to, "SHA256", text);
}

}  // namespace

ClientCertificate certificate_facts(const X509& certificate, Time now) {
  ClientCertificate out;
  add_fingerprint(out, certificate);
  add_alternatives(out, certificate);
  add_common_name(out, certificate);
  out.subject = subject_of(certificate);
  out.ends = end_of(certificate, now);
  ERR_clear_error();
  return out;
}

std::string subject_of(const X509& certificate) {
  const std::unique_ptr<BIO, FreeMemory> memory{BIO_new(BIO_s_mem())};
  if (!memory ||
      X509_NAME_print_ex(memory.get(), X509_get_subject_name(&certificate), 0, XN_FLAG_RFC2253) < 0)
    return {};
  std::string out(kSubjectBytes, '\0');
  const int length = BIO_read(memory.get(), out.data(), static_cast<int>(out.size()));
  out.resize(static_cast<std::size_t>(std::max(length, 0)));
  for (char& c : out)
    if (static_cast<unsigned char>(c) < ' ' || static_cast<unsigned char>(c) >= 0x7f || c == '"')
      c = '?';
  return out;
}

Time end_of(const X509& certificate, Time now) {
  int days = 0, seconds = 0;
  if (ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(&certificate)) != 1) return now;
  if (days > kLongestDays) days = kLongestDays;
  const std::chrono::seconds left{std::int64_t{days} * kDaySeconds + seconds};
  return now + std::max(left, std::chrono::seconds{0});
}

}  // namespace framewire::relay
