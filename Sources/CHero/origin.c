// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// Whose code called what this process is about to end of.
#define _GNU_SOURCE
#include "origin.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <string.h>

// Whether a frame belongs to the machinery that got us here.
static int is_machinery(const char *path, const char *executable) {
    static const char *const names[] = {"libstdc++.so", "libgcc_s.so", "libc.so", "libc++abi.so"};
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    for (size_t index = 0; index < sizeof names / sizeof names[0]; index++) {
        if (strncmp(name, names[index], strlen(names[index])) == 0) return 1;
    }
    return executable != NULL && strcmp(path, executable) == 0;
}

hero_origin hero_find_origin(void) {
    void *frames[64];
    hero_origin origin = {NULL, NULL};
    int count = backtrace(frames, sizeof frames / sizeof frames[0]);
    Dl_info own = {0};
    dladdr((const void *)hero_find_origin, &own);
    for (int index = 0; index < count && origin.function == NULL; index++) {
        Dl_info frame;
        if (dladdr(frames[index], &frame) == 0 || frame.dli_fname == NULL) continue;
        if (is_machinery(frame.dli_fname, own.dli_fname)) continue;
        if (origin.library == NULL) origin.library = frame.dli_fname;
        // Functions that the library does not export have no name here; one of their callers has.
        if (strcmp(origin.library, frame.dli_fname) == 0) origin.function = frame.dli_sname;
    }
    return origin;
}
