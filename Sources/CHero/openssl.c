#include "hero_shims.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <openssl/opensslv.h>

#define HERO_TEXT_OF(value) #value
#define HERO_TEXT(value) HERO_TEXT_OF(value)
// The name that the headers' version of the library has.
#define HERO_LIBSSL "libssl.so." HERO_TEXT(OPENSSL_SHLIB_VERSION)

// Where the jumps in openssl.S lead.
#define HERO_OPENSSL(name) __attribute__((visibility("hidden"))) void *hero_openssl_##name;
#include "openssl_functions.h"
#undef HERO_OPENSSL

static const struct {
    const char *name;
    void **place;
} functions[] = {
#define HERO_OPENSSL(name) {#name, &hero_openssl_##name},
#include "openssl_functions.h"
#undef HERO_OPENSSL
};

static char problem[512];

static void open_openssl(void) {
    // RTLD_LOCAL: bundles that bring a copy of their own keep it. libcrypto comes with libssl.
    void *library = dlopen(HERO_LIBSSL, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        snprintf(problem, sizeof(problem), "%s", dlerror());
        return;
    }
    for (size_t index = 0; index < sizeof(functions) / sizeof(functions[0]); index++) {
        *functions[index].place = dlsym(library, functions[index].name);
        if (*functions[index].place == NULL) {
            snprintf(problem, sizeof(problem), HERO_LIBSSL " has no %s", functions[index].name);
            return;
        }
    }
}

const char *hero_open_openssl(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, open_openssl);
    return problem[0] == 0 ? NULL : problem;
}
