// The system's brotli encoder, opened when it is first used: few requests of few servers need it.

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

#include "hero_shims.h"

// As in <brotli/encode.h>, which is not needed for building this way; the library keeps its interface since 2016.
typedef int (*compress_function)(
    int quality, int window, int mode, size_t size, const unsigned char *input, size_t *output_size,
    unsigned char *output);

enum { MODE_TEXT = 1 };

static compress_function compress_bytes;
static char problem[256];

static void open_brotli(void) {
    void *library = dlopen("libbrotlienc.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library != NULL) compress_bytes = (compress_function)dlsym(library, "BrotliEncoderCompress");
    if (compress_bytes == NULL) {
        const char *reason = dlerror();
        snprintf(problem, sizeof problem, "%s", reason == NULL ? "unknown" : reason);
    }
}

const char *hero_open_brotli(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, open_brotli);
    return compress_bytes == NULL ? problem : NULL;
}

int hero_brotli_compress(
    int quality, int window, const void *input, size_t size, void *output, size_t *output_size) {
    if (compress_bytes == NULL) return 0;
    return compress_bytes(quality, window, MODE_TEXT, size, input, output_size, output);
}
