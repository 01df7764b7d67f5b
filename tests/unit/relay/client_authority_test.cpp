// Client certificates in TLS: which are taken, what those that are not are told, and that nothing
// that was decided once is taken for granted.
#include "relay/tls/client_authority.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <string>
#include <utility>
#include <vector>

#include "relay/base/certificate_name.h"
#include "tests/unit/relay/made_certificates.h"

namespace framewire::relay {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct FreeTls {
  void operator()(SSL* tls) const { SSL_free(tls); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};
using Tls = std::unique_ptr<SSL, FreeTls>;
using Context = std::unique_ptr<SSL_CTX, FreeTls>;
using Session = std::unique_ptr<SSL_SESSION, FreeTls>;

// A server with a door, and clients of it, in memory.
class Handshakes : public testing::Test {
 protected:
  struct Pair {
    Tls server, client;
    bool good = false;
  };

  Handshakes() {
    SSL_CTX_use_certificate(server_.get(), own_.certificate.get());
    SSL_CTX_use_PrivateKey(server_.get(), own_.key.get());
    SSL_CTX_set_session_cache_mode(client_.get(), SSL_SESS_CACHE_CLIENT);
  }
  void trust(PemFile& file, bool required = false) {
    auto loaded = ClientAuthority::load(file.path());
    ASSERT_TRUE(loaded) << loaded.error().what;
    door_.authority = *std::move(loaded);
    door_.required = required;
    door_.on_refused = [this](int, std::string_view why) { refused_ = std::string{why}; };
    ask_for_certificates(*server_, door_);
  }
  void trust_root(bool required = false) {
    PemFile file{"root.pem"};
    file.add(root_);
    trust(file, required);
  }
  // between: certificates of authorities that the client sends beside its own.
  Pair shake(const MadeCertificate* shown, std::vector<const MadeCertificate*> between = {},
             SSL_SESSION* again = nullptr, int version = 0) {
    Pair out{Tls{SSL_new(server_.get())}, Tls{SSL_new(client_.get())}};
    BIO *at_server = nullptr, *at_client = nullptr;
    BIO_new_bio_pair(&at_server, 0, &at_client, 0);
    SSL_set_bio(out.server.get(), at_server, at_server);
    SSL_set_bio(out.client.get(), at_client, at_client);
    SSL_set_accept_state(out.server.get());
    SSL_set_connect_state(out.client.get());
    if (version != 0) SSL_set_max_proto_version(out.client.get(), version);
    if (again) SSL_set_session(out.client.get(), again);
    if (shown) {
      SSL_use_certificate(out.client.get(), shown->certificate.get());
      SSL_use_PrivateKey(out.client.get(), shown->key.get());
      for (const MadeCertificate* each : between)
        SSL_add1_chain_cert(out.client.get(), each->certificate.get());
    }
    refused_.clear();
    for (int i = 0; i < 10; ++i) {
      SSL_do_handshake(out.client.get());
      SSL_do_handshake(out.server.get());
    }
    // In TLS 1.3 the client is done first; what the server then says comes with its first read.
    char nothing = 0;
    SSL_read(out.client.get(), &nothing, 1);
    SSL_read(out.server.get(), &nothing, 1);
    out.good =
        SSL_is_init_finished(out.server.get()) == 1 && SSL_is_init_finished(out.client.get()) == 1;
    ERR_clear_error();
    return out;
  }
  std::optional<ClientCertificate> shown(const Pair& pair) {
    return door_.authority->shown_by(*pair.server, now_);
  }

  const MadeCertificate own_ = make_certificate({"server"});
  const MadeCertificate root_ = make_certificate({"Root", "", true});
  const MadeCertificate other_root_ = make_certificate({"Other root", "", true});
  Context server_{SSL_CTX_new(TLS_server_method())};
  Context client_{SSL_CTX_new(TLS_client_method())};
  ClientDoor door_;
  std::string refused_;
  Time now_{Duration{5'000'000}};
};

TEST_F(Handshakes, TakeWhoIsOfTheAuthorityAndNameTheRest) {
  const MadeCertificate good = make_certificate({"encoder"}, &root_);
  const MadeCertificate client = make_certificate({"client", "", false, "clientAuth"}, &root_);
  const MadeCertificate stranger = make_certificate({"encoder"}, &other_root_);
  const MadeCertificate alone = make_certificate({"alone"});
  Wish old{"old"}, early{"early"}, server{"server", "", false, "serverAuth"};
  old.to_s = -60;
  early.from_s = 600;
  const MadeCertificate expired = make_certificate(old, &root_);
  const MadeCertificate not_yet = make_certificate(early, &root_);
  const MadeCertificate for_servers = make_certificate(server, &root_);
  // One that is no authority's has signed another.
  const MadeCertificate below = make_certificate({"below"}, &good);
  const MadeCertificate between = make_certificate({"Between", "", true}, &root_);
  const MadeCertificate leaf = make_certificate({"leaf"}, &between);
  struct Row {
    const char* what;
    const MadeCertificate* shown;
    std::vector<const MadeCertificate*> sent;
    const char* refused;  // "": it is taken
  };
  const std::vector<Row> rows = {
      {"right", &good, {}, ""},
      {"right, for clients", &client, {}, ""},
      {"with one between", &leaf, {&between}, ""},
      {"one between is missing", &leaf, {}, "certificate-untrusted"},
      {"wrong authority", &stranger, {}, "certificate-untrusted"},
      {"wrong authority, sent along", &stranger, {&other_root_}, "certificate-untrusted"},
      {"of itself", &alone, {}, "certificate-untrusted"},
      {"expired", &expired, {}, "certificate-expired"},
      {"not yet", &not_yet, {}, "certificate-not-yet"},
      {"for servers", &for_servers, {}, "certificate-purpose"},
      {"signed by no authority", &below, {&good}, "certificate-untrusted"},
  };
  for (const bool required : {false, true}) {
    trust_root(required);
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION})
      for (const Row& row : rows) {
        SCOPED_TRACE(std::string{row.what} + (required ? ", required" : ""));
        const Pair pair = shake(row.shown, row.sent, nullptr, version);
        const std::string refused = row.refused;
        EXPECT_EQ(SSL_is_init_finished(pair.server.get()) == 1, refused.empty());
        EXPECT_EQ(shown(pair).has_value(), refused.empty());
        if (refused.empty())
          EXPECT_EQ(refused_, "");
        else
          EXPECT_THAT(refused_, StartsWith(refused + ": "));
      }
  }
}

TEST_F(Handshakes, WithoutACertificateEndOnlyWhereOneIsNeeded) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    trust_root();
    const Pair free = shake(nullptr, {}, nullptr, version);
    EXPECT_TRUE(free.good);
    EXPECT_FALSE(shown(free));
    EXPECT_TRUE(door_.authority->takes(*free.server));
    EXPECT_EQ(refused_, "");
    trust_root(true);
    EXPECT_EQ(SSL_is_init_finished(shake(nullptr, {}, nullptr, version).server.get()), 0);
    EXPECT_THAT(refused_, StartsWith("certificate-missing: "));
  }
}

TEST_F(Handshakes, TellWhoItIsAndUntilWhen) {
  trust_root();
  Wish wish{
      "Encoder 3",
      "DNS:Enc-3.Example.ORG,URI:spiffe://example.org/enc/3,email:ops@example.org,IP:2001:db8::1"};
  wish.to_s = 600;
  const MadeCertificate encoder = make_certificate(wish, &root_);
  const auto who = shown(shake(&encoder));
  ASSERT_TRUE(who);
  for (const char* name : {"DNS:enc-3.example.org", "URI:spiffe://example.org/enc/3",
                           "email:ops@example.org", "IP:2001:db8::1", "CN:Encoder 3"})
    EXPECT_THAT(who->names, Contains(name));
  EXPECT_THAT(who->names, Contains(StartsWith("SHA256:")));
  EXPECT_EQ(who->subject, "CN=Encoder 3");
  EXPECT_GT(who->ends, now_ + std::chrono::seconds{590});
  EXPECT_LE(who->ends, now_ + std::chrono::seconds{600});
  // Where the one between expires first, that is the end.
  Wish short_lived{"Between", "", true};
  short_lived.to_s = 60;
  const MadeCertificate between = make_certificate(short_lived, &root_);
  const MadeCertificate leaf = make_certificate({"leaf"}, &between);
  const auto sooner = shown(shake(&leaf, {&between}));
  ASSERT_TRUE(sooner);
  EXPECT_LE(sooner->ends, now_ + std::chrono::seconds{60});
}

TEST_F(Handshakes, AreNotShortenedByWhatWasDecidedBefore) {
  const MadeCertificate good = make_certificate({"encoder"}, &root_);
  trust_root(true);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const Pair first = shake(&good, {}, nullptr, version);
    ASSERT_TRUE(first.good);
    const Session session{SSL_get1_session(first.client.get())};
    EXPECT_FALSE(SSL_SESSION_has_ticket(session.get())) << "nothing to come back with";
    const Pair second = shake(&good, {}, session.get(), version);
    EXPECT_TRUE(second.good);
    EXPECT_EQ(SSL_session_reused(second.server.get()), 0);
    const Pair bare = shake(nullptr, {}, session.get(), version);
    EXPECT_EQ(SSL_is_init_finished(bare.server.get()), 0);
    EXPECT_THAT(refused_, StartsWith("certificate-missing: "));
  }
}

// A ticket of a server that gave some, before it asked for certificates.
TEST_F(Handshakes, TakeNoTicketOfBefore) {
  SSL_CTX_set_session_cache_mode(server_.get(), SSL_SESS_CACHE_SERVER);
  const Pair before = shake(nullptr);
  ASSERT_TRUE(before.good);
  const Session session{SSL_get1_session(before.client.get())};
  ASSERT_TRUE(SSL_SESSION_has_ticket(session.get()));
  trust_root(true);
  EXPECT_EQ(SSL_is_init_finished(shake(nullptr, {}, session.get()).server.get()), 0);
  EXPECT_THAT(refused_, StartsWith("certificate-missing: "));
}

TEST_F(Handshakes, ThatAreOverAreCheckedByTheNextAuthority) {
  trust_root();
  const MadeCertificate good = make_certificate({"encoder"}, &root_);
  const Pair pair = shake(&good), nobody = shake(nullptr);
  ASSERT_TRUE(shown(pair));
  trust_root();
  EXPECT_TRUE(shown(pair)) << "read anew, and the same";
  PemFile others{"others.pem"};
  others.add(other_root_);
  trust(others);
  EXPECT_FALSE(shown(pair));
  EXPECT_FALSE(door_.authority->takes(*pair.server));
  EXPECT_TRUE(door_.authority->takes(*nobody.server));
  EXPECT_FALSE(shake(&good).good && shown(shake(&good)));
  PemFile both{"both.pem"};
  both.add(other_root_).add(root_);
  trust(both);
  EXPECT_TRUE(shown(pair));
}

TEST_F(Handshakes, ObeyListsOfWhatIsRevoked) {
  const MadeCertificate gone = make_certificate({"gone"}, &root_);
  const MadeCertificate good = make_certificate({"good"}, &root_);
  const auto revoked = make_revocations(root_, gone);
  trust_root();
  const Pair open = shake(&gone);
  ASSERT_TRUE(shown(open));
  PemFile file{"revoked.pem"};
  file.add(root_).add(*revoked);
  trust(file);
  EXPECT_FALSE(door_.authority->takes(*open.server));
  EXPECT_EQ(SSL_is_init_finished(shake(&gone).server.get()), 0);
  EXPECT_THAT(refused_, StartsWith("certificate-revoked: "));
  EXPECT_TRUE(shown(shake(&good)));
}

TEST_F(Handshakes, ObeyListsOfAuthoritiesThatAreRevoked) {
  const MadeCertificate between = make_certificate({"Between", "", true}, &root_);
  const MadeCertificate leaf = make_certificate({"leaf"}, &between);
  const MadeCertificate other = make_certificate({"other"}, &root_);
  const auto of_root = make_revocations(root_, between),
             of_between = make_revocations(between, other),
             of_others = make_revocations(root_, other);
  trust_root();
  const Pair open = shake(&leaf, {&between});
  ASSERT_TRUE(shown(open));
  PemFile without{"without.pem"}, others{"others.pem"}, file{"revoked.pem"};
  without.add(root_).add(*of_between);
  trust(without);
  EXPECT_TRUE(shown(shake(&leaf, {&between}))) << "no list says anything of the one between";
  EXPECT_TRUE(door_.authority->takes(*open.server));
  others.add(root_).add(*of_between).add(*of_others);
  trust(others);
  EXPECT_TRUE(shown(shake(&leaf, {&between})));
  file.add(root_).add(*of_between).add(*of_root);
  trust(file);
  EXPECT_FALSE(door_.authority->takes(*open.server));
  EXPECT_EQ(SSL_is_init_finished(shake(&leaf, {&between}).server.get()), 0);
  EXPECT_THAT(refused_, StartsWith("certificate-revoked: "));
}

TEST_F(Handshakes, TrustWhoIsListedThoughItIsNotTheRoot) {
  const MadeCertificate between = make_certificate({"Between", "", true}, &root_);
  const MadeCertificate leaf = make_certificate({"leaf"}, &between);
  PemFile file{"between.pem"};
  file.add(between);
  trust(file);
  EXPECT_TRUE(shown(shake(&leaf)));
  const MadeCertificate beside = make_certificate({"beside"}, &root_);
  EXPECT_FALSE(shown(shake(&beside)));
}

TEST_F(Handshakes, NeedAFileOfAuthorities) {
  PemFile empty{"empty.pem"}, text{"text.pem"}, broken{"broken.pem"};
  text.add("no certificate\n");
  broken.add("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  for (PemFile* file : {&empty, &text, &broken}) {
    const auto loaded = ClientAuthority::load(file->path());
    ASSERT_FALSE(loaded);
    EXPECT_THAT(loaded.error().what, HasSubstr(file->path()));
    EXPECT_THAT(loaded.error().what, HasSubstr("holds no PEM certificate"));
  }
  EXPECT_THAT(ClientAuthority::load("/nowhere/ca.pem").error().what, HasSubstr("cannot be read"));
}

TEST(CertificateNames, AreOneForm) {
  const std::string digits(64, 'a');
  std::string colons;
  for (int i = 0; i < 32; ++i) colons += i ? ":AA" : "AA";
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"DNS:Enc.Example.ORG", "DNS:enc.example.org"},
      {"DNS:*.example.org", "DNS:*.example.org"},
      {"URI:spiffe://A/b", "URI:spiffe://A/b"},
      {"email:Ann@example.org", "email:Ann@example.org"},
      {"CN:Anna B", "CN:Anna B"},
      {"CN:DNS:x", "CN:DNS:x"},
      {"IP:192.0.2.1", "IP:192.0.2.1"},
      {"IP:2001:DB8:0::1", "IP:2001:db8::1"},
      {"SHA256:" + digits, "SHA256:" + digits},
      {"SHA256:" + colons, "SHA256:" + digits},
  };
  for (const auto& [text, name] : rows) EXPECT_EQ(certificate_name(text), name) << text;
  for (const std::string& bad :
       {std::string{}, std::string{"DNS"}, std::string{"DNS:"}, std::string{"dns:x"},
        std::string{"OU:x"}, std::string{"CN:a\nb"}, std::string{"CN:a\0b", 6},
        std::string{"IP:host"}, std::string{"IP:192.0.2"}, "SHA256:" + digits.substr(1),
        std::string{"SHA256:xyz"}, "CN:" + std::string(512, 'x'), std::string{"anna"}})
    EXPECT_FALSE(certificate_name(bad)) << bad;
}

}  // namespace
}  // namespace framewire::relay
