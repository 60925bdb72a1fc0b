// The system's zlib, with what it offers as macros only, which Swift does not see.

#ifndef HERO_ZLIB_H
#define HERO_ZLIB_H

#include <zlib.h>

// @param stream All zero; must not move until inflateEnd: zlib keeps its address.
// @param window_bits 31 for gzip, 15 for zlib's own format, -15 for bare deflate.
// @return Z_OK, or what went wrong; then nothing has to be ended.
static inline int hero_inflate_init(z_stream *_Nonnull stream, int window_bits) {
    return inflateInit2(stream, window_bits);
}

#endif
