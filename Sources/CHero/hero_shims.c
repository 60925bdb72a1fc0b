#define _GNU_SOURCE
#include "hero_shims.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <gnu/libc-version.h>
#include <link.h>
#include <malloc.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
    const void *metadata;
    size_t state;
} metadata_response;

typedef metadata_response (*metadata_accessor)(size_t request) __attribute__((swiftcall));

const void *hero_call_metadata_accessor(const void *accessor) {
    // Request 0 asks for complete metadata and waits for it.
    return ((metadata_accessor)accessor)(0).metadata;
}

const void *hero_image_base(void *handle) {
    struct link_map *map = NULL;
    if (dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0 || map == NULL) return NULL;
    return (const void *)map->l_addr;
}

const char *hero_glibc_version(void) { return gnu_get_libc_version(); }

void hero_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

static volatile int signal_descriptor = -1;

// How often each signal has come since somebody took it. Only the first time writes a byte, so that whoever sends one signal
// without end cannot fill the pipe and keep another one out.
static atomic_int signal_counts[128];

static void forward_signal(int signal) {
    if (atomic_fetch_add(&signal_counts[signal], 1) != 0) return;
    int saved = errno;
    unsigned char byte = (unsigned char)signal;
    ssize_t ignored = write(signal_descriptor, &byte, 1);
    (void)ignored;
    errno = saved;
}

int hero_take_signal(int signal) { return atomic_exchange(&signal_counts[signal & 127], 0); }

static sigset_t set_of(const int *signals, size_t count) {
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < count; i++) sigaddset(&set, signals[i]);
    return set;
}

int hero_catch_signals(const int *signals, size_t count, int write_descriptor) {
    // What came before waits in a pipe that nobody reads any more.
    if (signal_descriptor != write_descriptor) {
        for (size_t i = 0; i < count; i++) atomic_store(&signal_counts[signals[i] & 127], 0);
    }
    signal_descriptor = write_descriptor;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = forward_signal;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < count; i++) {
        if (sigaction(signals[i], &action, NULL) != 0) return errno;
    }
    // Those that waited for a handler while a new program took over.
    sigset_t caught = set_of(signals, count);
    return pthread_sigmask(SIG_UNBLOCK, &caught, NULL);
}

int hero_execute(const char *path, char **arguments, const int *waiting, size_t count) {
    // The new program inherits the mask of this thread, and Dispatch's threads block what a program wants to hear.
    sigset_t mask = set_of(waiting, count), before;
    pthread_sigmask(SIG_SETMASK, &mask, &before);
    execv(path, arguments);
    int code = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
}

int hero_memory_file(const char *name) {
    int descriptor = memfd_create(name, MFD_CLOEXEC);
    if (descriptor >= 0 || (errno != ENOSYS && errno != EPERM && errno != EACCES)) return descriptor;
    // An old kernel or a sandbox: a file without a name does as well.
    static const char *const places[] = {"/dev/shm", "/tmp"};
    for (size_t i = 0; descriptor < 0 && i < sizeof places / sizeof *places; i++) {
        descriptor = open(places[i], O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
    }
    return descriptor;
}

int hero_signal_thread(int process, int thread, int signal) {
    return syscall(SYS_tgkill, process, thread, signal) == 0 ? 0 : errno;
}

int hero_thread_number(void) { return (int)syscall(SYS_gettid); }

int hero_accept(int listening) { return accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); }

int64_t hero_peer_user(int connection) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    return getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? (int64_t)peer.uid : -errno;
}

int hero_upgrade_signal(void) { return SIGRTMIN; }

void hero_unblock_signals(void) {
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
}

void hero_write_by_line(void) { setvbuf(stdout, NULL, _IOLBF, BUFSIZ); }

void hero_lock_output(void) { flockfile(stdout); }

int hero_flush_output(void) {
    if (fflush(stdout) != 0) return errno;
    return ferror(stdout) ? -1 : 0;
}

void hero_unlock_output(void) { funlockfile(stdout); }

void hero_default_signal(int number) { signal(number, SIG_DFL); }

extern char **environ;

// The kernel lays out all arguments and then the environment back to back; that area is what `ps` reads.
static size_t title_room(int argc, char **argv) {
    char *end = argv[0];
    for (int i = 0; i < argc; i++) {
        if (argv[i] == end) end = argv[i] + strlen(argv[i]) + 1;
    }
    for (char **variable = environ; variable && *variable; variable++) {
        if (*variable == end) end = *variable + strlen(*variable) + 1;
    }
    return (size_t)(end - argv[0]);
}

// The strings of the environment live in the area that the title overwrites. The copies are never freed: getenv
// hands out pointers into them.
static int move_environment(void) {
    size_t count = 0;
    while (environ && environ[count]) count++;
    char **copy = calloc(count + 1, sizeof *copy);
    if (!copy) return -1;
    for (size_t i = 0; i < count; i++) {
        copy[i] = strdup(environ[i]);
        if (!copy[i]) return -1;
    }
    environ = copy;
    return 0;
}

void hero_set_title(int argc, char **argv, const char *title) {
    // Kept from the first call: afterwards the arguments no longer tell where the area ends.
    static size_t room = 0;
    prctl(PR_SET_NAME, title, 0, 0, 0);
    if (argc < 1 || argv == NULL || argv[0] == NULL) return;
    if (room == 0) {
        room = title_room(argc, argv);
        if (move_environment() != 0) room = 0;
    }
    if (room < 2) return;
    size_t length = strlen(title);
    if (length > room - 1) length = room - 1;
    memset(argv[0], 0, room);
    memcpy(argv[0], title, length);
}

extern char *swift_demangle(const char *mangled, size_t length, char *output, size_t *output_size, uint32_t flags);

char *hero_demangle(const char *mangled, size_t length) {
    return swift_demangle(mangled, length, NULL, NULL, 0);
}

int hero_open_beneath(int directory, const char *path) {
    struct open_how how = {
        .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    // EAGAIN: something was renamed meanwhile, and the kernel could not tell whether the path stays inside.
    for (int attempt = 0; attempt < 16; attempt++) {
        long descriptor = syscall(SYS_openat2, directory, path, &how, sizeof how);
        if (descriptor >= 0) return (int)descriptor;
        if (errno != EAGAIN && errno != EINTR) break;
    }
    return -errno;
}

ptrdiff_t hero_find(const void *bytes, size_t length, const void *wanted, size_t wanted_length) {
    const char *found = memmem(bytes, length, wanted, wanted_length);
    return found == NULL ? -1 : found - (const char *)bytes;
}

int hero_watch_process(int process) {
    long descriptor = syscall(SYS_pidfd_open, process, 0);
    return descriptor < 0 ? -errno : (int)descriptor;
}

void hero_keep_private(void) {
    if (unshare(CLONE_FS) == 0) umask(0077);
}

int hero_peer_process(int socket) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? (int)peer.pid : -errno;
}

int hero_ended_child(int *is_clean) {
    siginfo_t info;
    info.si_pid = 0;
    int code;
    do code = waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT);
    while (code != 0 && errno == EINTR);
    if (code != 0) return 0;
    *is_clean = info.si_code == CLD_EXITED && info.si_status == 0;
    return (int)info.si_pid;
}

int hero_adopt_orphans(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 ? 0 : errno; }

void hero_name_process(const char *path) {
    const char *slash = strrchr(path, '/');
    prctl(PR_SET_NAME, slash ? slash + 1 : path, 0, 0, 0);
}

int hero_limit_descriptors(int process, unsigned long count) {
    struct rlimit limit;
    if (prlimit(process, RLIMIT_NOFILE, NULL, &limit) != 0) return -errno;
    limit.rlim_cur = count < limit.rlim_max ? count : limit.rlim_max;
    return prlimit(process, RLIMIT_NOFILE, &limit, NULL) == 0 ? 0 : -errno;
}

void hero_trim_memory(void) { malloc_trim(0); }
