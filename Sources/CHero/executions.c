// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// Another program in place of this process is an end, too (ends.c). The functions of the C library call one another past
// any names that could be replaced, so each of them is here. All of them are called in forked children, where nothing may
// be allocated and no lock be taken.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "end_watch.h"
#include "hero_shims.h"

typedef int (*execvpe_function)(const char *, char *const[], char *const[]);
static execvpe_function execute_by_name;

// In a forked child it would be too late to ask the dynamic linker.
__attribute__((constructor)) static void find_functions(void) {
    execute_by_name = (execvpe_function)dlsym(RTLD_NEXT, "execvpe");
}

// Children that share this process' memory come by here with a few hundred bytes of stack – Swift's backtracer is started
// in that way when the process crashes – so for them nothing is done, and what needs room has a frame of its own.

// What cannot be executed leaves the process as it is, and its caller with the error.
__attribute__((noinline)) static int is_program_at(int directory, const char *path, int flags) {
    struct stat status;
    return fstatat(directory, path, &status, flags & (AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW)) == 0 &&
           S_ISREG(status.st_mode) && faccessat(directory, path, X_OK, flags & AT_EMPTY_PATH) == 0;
}

static int is_program(const char *path) { return is_program_at(AT_FDCWD, path, 0); }

// What begins like neither a program nor a script is refused by the system, and so is a script without its interpreter.
// A file that cannot be read may hide either.
__attribute__((noinline)) static int can_begin(int directory, const char *path) {
    // As much as the system looks at.
    char start[257];
    int is_open = path[0] == '\0';
    int file = is_open ? directory : openat(directory, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (file < 0) return 1;
    ssize_t count = pread(file, start, sizeof start - 1, 0);
    if (!is_open) close(file);
    if (count < 0) return 1;
    start[count] = '\0';
    if (count < 2 || memcmp(start, "#!", 2) != 0) return count >= 4 && memcmp(start, "\177ELF", 4) == 0;
    char *name = start + 2 + strspn(start + 2, " \t");
    name[strcspn(name, " \t\n")] = '\0';
    return is_program(name);
}

// Without a slash a program is looked for as execvp does it.
__attribute__((noinline)) static int is_found(const char *name) {
    if (strchr(name, '/') != NULL) return is_program(name);
    const char *rest = getenv("PATH");
    if (rest == NULL) rest = "/bin:/usr/bin";
    for (;;) {
        size_t length = strcspn(rest, ":");
        char path[PATH_MAX];
        int written = snprintf(path, sizeof path, "%.*s%s%s", (int)length, rest, length == 0 ? "" : "/", name);
        if (written > 0 && (size_t)written < sizeof path && is_program(path)) return 1;
        if (rest[length] == '\0') return 0;
        rest += length + 1;
    }
}

int execve(const char *path, char *const arguments[], char *const environment[]) {
    if (hero_is_watched() && is_program(path) && can_begin(AT_FDCWD, path)) hero_look_at_end(HERO_END_BY_EXECUTION);
    return (int)syscall(SYS_execve, path, arguments, environment);
}

int execv(const char *path, char *const arguments[]) { return execve(path, arguments, environ); }

int execvpe(const char *name, char *const arguments[], char *const environment[]) {
    if (hero_is_watched() && is_found(name)) hero_look_at_end(HERO_END_BY_EXECUTION);
    return execute_by_name(name, arguments, environment);
}

int execvp(const char *name, char *const arguments[]) { return execvpe(name, arguments, environ); }

int execveat(int directory, const char *path, char *const arguments[], char *const environment[], int flags) {
    if (hero_is_watched() && is_program_at(directory, path, flags) && can_begin(directory, path)) {
        hero_look_at_end(HERO_END_BY_EXECUTION);
    }
    return (int)syscall(SYS_execveat, directory, path, arguments, environment, flags);
}

int fexecve(int file, char *const arguments[], char *const environment[]) {
    return execveat(file, "", arguments, environment, AT_EMPTY_PATH);
}

// MARK: Arguments one by one

// How many there are, with the NULL behind them.
static size_t count(const char *first, va_list *rest) {
    size_t count = 1;
    for (const char *next = first; next != NULL; next = va_arg(*rest, const char *)) count++;
    return count;
}

static void collect(char *arguments[], size_t count, const char *first, va_list *rest) {
    if (count > 0) arguments[0] = (char *)first;
    for (size_t index = 1; index < count; index++) arguments[index] = va_arg(*rest, char *);
}

int execl(const char *path, const char *first, ...) {
    va_list rest;
    va_start(rest, first);
    size_t number = count(first, &rest);
    va_end(rest);
    char *arguments[number];
    va_start(rest, first);
    collect(arguments, number, first, &rest);
    va_end(rest);
    return execve(path, arguments, environ);
}

int execlp(const char *name, const char *first, ...) {
    va_list rest;
    va_start(rest, first);
    size_t number = count(first, &rest);
    va_end(rest);
    char *arguments[number];
    va_start(rest, first);
    collect(arguments, number, first, &rest);
    va_end(rest);
    return execvpe(name, arguments, environ);
}

// The environment stands behind the NULL.
int execle(const char *path, const char *first, ...) {
    va_list rest;
    va_start(rest, first);
    size_t number = count(first, &rest);
    va_end(rest);
    char *arguments[number];
    va_start(rest, first);
    collect(arguments, number, first, &rest);
    char **environment = va_arg(rest, char **);
    va_end(rest);
    return execve(path, arguments, environment);
}
