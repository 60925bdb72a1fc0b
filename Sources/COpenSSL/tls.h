// What OpenSSL offers for TLS as macros only, which Swift does not see.

#ifndef HERO_OPENSSL_TLS_H
#define HERO_OPENSSL_TLS_H

#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

// What does not depend on the configuration: no renegotiation, no compression, little memory while a connection is
// idle.
static inline void hero_tls_set_defaults(SSL_CTX *context) {
    SSL_CTX_set_options(
        context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                     SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_mode(
        context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    // Sessions are kept by clients, in tickets; a store in each process would help nobody who comes back to
    // another one.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL);
}

static inline int hero_tls_set_minimum_version(SSL_CTX *context, int version) {
    return SSL_CTX_set_min_proto_version(context, version);
}

static inline void hero_tls_disable_tickets(SSL_CTX *context) {
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context, 0);
}

// 16 bytes of name, 32 for the authentication, 32 for the encryption; copied.
static inline long hero_tls_set_ticket_keys(SSL_CTX *context, const void *keys, long count) {
    return SSL_CTX_set_tlsext_ticket_keys(context, (void *)keys, count);
}

static inline long hero_tls_add_chain_certificate(SSL_CTX *context, X509 *certificate) {
    return SSL_CTX_add1_chain_cert(context, certificate);
}

// `chosen` returns SSL_TLSEXT_ERR_…; `argument` has to live as long as connections of the context do.
static inline void hero_tls_set_server_name_callback(
    SSL_CTX *context, int (*chosen)(SSL *, int *, void *), void *argument) {
    SSL_CTX_set_tlsext_servername_callback(context, chosen);
    SSL_CTX_set_tlsext_servername_arg(context, argument);
}

static inline void hero_tls_set_status_callback(SSL_CTX *context, int (*wanted)(SSL *, void *), void *argument) {
    SSL_CTX_set_tlsext_status_cb(context, wanted);
    SSL_CTX_set_tlsext_status_arg(context, argument);
}

// Hands over a copy of the bytes.
static inline int hero_tls_staple(SSL *connection, const void *bytes, long count) {
    void *copy = OPENSSL_memdup(bytes, count);
    if (copy == NULL) return 0;
    return SSL_set_tlsext_status_ocsp_resp(connection, copy, count) == 1;
}

static inline long hero_tls_set_server_name(SSL *connection, const char *name) {
    return SSL_set_tlsext_host_name(connection, name);
}

static inline int hero_tls_is_resumed(SSL *connection) { return SSL_session_reused(connection); }

static inline void hero_tls_print_name(BIO *output, const X509_NAME *name) {
    X509_NAME_print_ex(output, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
}

static inline BIO *hero_tls_memory(const void *bytes, int count) { return BIO_new_mem_buf(bytes, count); }

// An empty memory BIO that says "try again" instead of "end".
static inline BIO *hero_tls_buffer(void) {
    BIO *buffer = BIO_new(BIO_s_mem());
    if (buffer != NULL) BIO_set_mem_eof_return(buffer, -1);
    return buffer;
}

#endif
