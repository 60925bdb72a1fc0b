// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

#ifndef HERO_END_WATCH_H
#define HERO_END_WATCH_H

// Whether this is the process whose end is watched, and no child of it.
int hero_is_watched(void);

// Ends the process in the way of hero_watch_ends, or returns when its end was expected. Also in a forked child, which has
// nobody who watches it.
void hero_look_at_end(int code);

#endif
