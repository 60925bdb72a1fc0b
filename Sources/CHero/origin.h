// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

#ifndef HERO_ORIGIN_H
#define HERO_ORIGIN_H

// Path of a library and name of one of its functions as the dynamic linker knows them; NULL where it does not. They live
// as long as the library.
typedef struct {
    const char *library;
    const char *function;
} hero_origin;

// The innermost function on the calling thread's stack that belongs neither to this executable nor to the C and C++
// libraries.
hero_origin hero_find_origin(void);

#endif
