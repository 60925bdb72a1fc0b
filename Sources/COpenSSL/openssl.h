// The parts of the system's OpenSSL that the host uses.
#include <openssl/evp.h>
#include <openssl/sha.h>
