// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "hero_shims.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

// Random bytes of the kernel that nobody has had yet, at the end of the block.
static _Thread_local struct {
    unsigned char bytes[1024];
    size_t left;
} pool;

static int fill(unsigned char *memory, size_t size) {
    while (size > 0) {
        ssize_t count = getrandom(memory, size, 0);
        if (count < 0 && errno != EINTR) return errno;
        if (count > 0) {
            memory += count;
            size -= (size_t)count;
        }
    }
    return 0;
}

// A child must not get the bytes that its parent will get; only the thread that forked lives on in it.
static void forget(void) {
    explicit_bzero(pool.bytes, sizeof pool.bytes);
    pool.left = 0;
}

__attribute__((constructor)) static void forget_in_children(void) { pthread_atfork(NULL, NULL, forget); }

int hero_random(void *memory, size_t size) {
    if (size > sizeof pool.bytes / 8) return fill(memory, size);
    if (pool.left < size) {
        int code = fill(pool.bytes, sizeof pool.bytes);
        if (code != 0) return code;
        pool.left = sizeof pool.bytes;
    }
    unsigned char *next = pool.bytes + sizeof pool.bytes - pool.left;
    memcpy(memory, next, size);
    // What was handed out must not be found in memory later.
    explicit_bzero(next, size);
    pool.left -= size;
    return 0;
}

// What Swift's SystemRandomNumberGenerator calls. The executable's definition comes before the one of libswiftCore, which
// makes a system call for each number: a fortieth of a small request.
__attribute__((visibility("default"))) void swift_stdlib_random(void *memory, size_t size) {
    if (hero_random(memory, size) == 0) return;
    // Where the kernel refuses, the standard library knows other ways, or ends the process.
    void (*original)(void *, size_t) = (void (*)(void *, size_t))dlsym(RTLD_NEXT, "swift_stdlib_random");
    if (original == NULL) abort();
    original(memory, size);
}
