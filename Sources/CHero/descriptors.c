// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// Descriptors of this process are no child's: a program that an action starts must not find connections to Redis, to
// clients or to the port. A flag that is set after the call comes too late for a thread that forks in between, and SwiftNIO
// sets none for sockets and epoll (2.101.2: SelectorEpoll.swift, System.swift, ServerSocket.swift). So these names mean the
// functions below in the whole executable. They are hidden: libraries, bundles among them, get those of the C library.
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "include/hero_shims.h"

#define HIDDEN __attribute__((visibility("hidden")))

HIDDEN int socket(int domain, int type, int protocol) {
    return (int)syscall(SYS_socket, domain, type | SOCK_CLOEXEC, protocol);
}

HIDDEN int socketpair(int domain, int type, int protocol, int ends[2]) {
    return (int)syscall(SYS_socketpair, domain, type | SOCK_CLOEXEC, protocol, ends);
}

HIDDEN int accept4(int listening, struct sockaddr *address, socklen_t *size, int flags) {
    return (int)syscall(SYS_accept4, listening, address, size, flags | SOCK_CLOEXEC);
}

HIDDEN int accept(int listening, struct sockaddr *address, socklen_t *size) {
    return accept4(listening, address, size, 0);
}

HIDDEN int pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

HIDDEN int epoll_create(int size) {
    (void)size;
    return epoll_create1(EPOLL_CLOEXEC);
}

// CLOSE_RANGE_CLOEXEC, which glibc 2.36 has beside declarations that clash with the kernel's.
#define ON_EXECUTION 4u

void hero_close_inherited_on_execution(void) {
    if (syscall(SYS_close_range, 3u, ~0u, ON_EXECUTION) == 0) return;
    // Linux before 5.11, or a sandbox that does not know the call.
    DIR *directory = opendir("/proc/self/fd");
    if (!directory) return;
    for (struct dirent *entry; (entry = readdir(directory));) {
        int descriptor = atoi(entry->d_name);
        if (descriptor > 2) fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    }
    closedir(directory);
}

int hero_pipe(int *ends, int flags) { return pipe2(ends, O_CLOEXEC | flags); }
