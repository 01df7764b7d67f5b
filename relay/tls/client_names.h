// What a certificate says of whose it is: as a value. Thread: any.
#pragma once
#include <string>

#include "relay/base/client_certificate.h"

struct x509_st;

namespace framewire::relay {

inline constexpr int kMostCertificateNames = 100;  // of one certificate; the rest does not count

// ends: of it alone. now: on the steady clock.
ClientCertificate certificate_facts(const x509_st& certificate, Time now);
// For people: its subject, printable, at most 200 bytes.
std::string subject_of(const x509_st& certificate);
// When it expires, on the steady clock; now, if it has.
Time end_of(const x509_st& certificate, Time now);

}  // namespace framewire::relay
