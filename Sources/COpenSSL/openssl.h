// The parts of the system's OpenSSL that the host uses.

// The low-level digest functions: the one that replaces them first loads OpenSSL's configuration and providers.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/sha.h>
