// Jumps into OpenSSL's shared libraries, which are opened when they are needed and not with the process.
//
// A caller is compiled and linked as if the functions were here; hero_open_openssl() has to be called before.

#if defined(__x86_64__)
#define HERO_OPENSSL(name) \
    .globl name; .hidden name; .type name, @function; name: jmp *hero_openssl_##name(%rip)
#elif defined(__aarch64__)
#define HERO_OPENSSL(name) \
    .globl name; .hidden name; .type name, %function; \
    name: adrp x16, hero_openssl_##name; ldr x16, [x16, :lo12:hero_openssl_##name]; br x16
#else
#error "write the jump for this processor"
#endif

    .text
#include "openssl_functions.h"

    .section .note.GNU-stack, "", %progbits
