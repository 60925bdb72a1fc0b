// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// Ends that the code in this process brings about itself: what waits for the process does not learn who sent the signal
// that ended it, and a status of 0 says that all is well. So these names mean the functions below, in the executable and,
// because it exports them (Package.swift), in libraries too, bundles among them. They do what those of the C library do.
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "end_watch.h"
#include "hero_shims.h"
#include "origin.h"

// MARK: Signals

static _Atomic(hero_signal_note) signal_note;
static _Atomic(pid_t) noting_process;

void hero_note_own_signals(hero_signal_note note) {
    atomic_store(&noting_process, getpid());
    atomic_store(&signal_note, note);
}

// Of a forked child that has not executed a program yet, nothing is noted.
static void note_signal(pid_t target, int number) {
    hero_signal_note note = atomic_load(&signal_note);
    if (note == NULL || (number != SIGINT && number != SIGKILL && number != SIGTERM)) return;
    pid_t own = getpid();
    if (own != atomic_load(&noting_process)) return;
    if (target == own || target == 0 || target == -1 || (target < -1 && -target == getpgrp())) note(number);
}

int kill(pid_t target, int number) {
    note_signal(target, number);
    return (int)syscall(SYS_kill, target, number);
}

int killpg(int group, int number) { return kill(group == 0 ? 0 : -group, number); }

int tgkill(pid_t process, pid_t thread, int number) {
    note_signal(process, number);
    return (int)syscall(SYS_tgkill, process, thread, number);
}

int raise(int number) { return tgkill(getpid(), (pid_t)syscall(SYS_gettid), number); }

// MARK: Ends

enum { NOT_WATCHED, WATCHED, ENDING };

static _Atomic(int) state = NOT_WATCHED;
static hero_end_handler end_handler;
static _Atomic(hero_end_note) end_note;
static pid_t watched_process;

static void leave(int code) __attribute__((noreturn));
static void leave(int code) {
    for (;;) syscall(SYS_exit_group, code);
}

int hero_is_watched(void) { return getpid() == watched_process; }

void hero_look_at_end(int code) {
    if (!hero_is_watched()) return;
    int expected = WATCHED;
    if (atomic_compare_exchange_strong(&state, &expected, ENDING)) {
        hero_end_note note = atomic_load(&end_note);
        if (note != NULL) note();
        hero_origin origin = hero_find_origin();
        leave(end_handler(code, origin.library, origin.function));
    }
    // Another thread is saying why; the process ends when it has done so.
    while (expected == ENDING) pause();
}

static void at_exit(int code, void *unused) {
    (void)unused;
    hero_look_at_end(code);
}

static void at_quick_exit_(void) { hero_look_at_end(0); }

int hero_watch_ends(hero_end_handler handler) {
    static _Atomic(int) is_registered = 0;
    end_handler = handler;
    watched_process = getpid();
    if (!atomic_exchange(&is_registered, 1) && (on_exit(at_exit, NULL) != 0 || at_quick_exit(at_quick_exit_) != 0)) {
        return -1;
    }
    atomic_store(&state, WATCHED);
    return 0;
}

void hero_note_before_end(hero_end_note note) { atomic_store(&end_note, note); }

void hero_expect_end(void) {
    int watched = WATCHED;
    atomic_compare_exchange_strong(&state, &watched, NOT_WATCHED);
}

void _exit(int code) {
    hero_look_at_end(code);
    leave(code);
}

void _Exit(int code) { _exit(code); }
