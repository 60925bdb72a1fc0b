// C shims of the host. Each line says why it cannot be Swift. Not part of what bundles see; that is hero_bundle.h.
#ifndef HERO_SHIMS_H
#define HERO_SHIMS_H

#include <stddef.h>
#include <stdint.h>

#if defined(__clang__)
#pragma clang assume_nonnull begin
#endif

/// From here on a C++ exception that nobody catches names the library that threw it on standard error, before the C++
/// library says what it was and ends the process. To be called once.
void hero_name_cpp_exceptions(void);

/// Called on the thread that sends this process a signal, before it is sent.
typedef void (*hero_signal_note)(int signal);

/// From here on the code of this process that sends a signal to this process is noted: SIGINT, SIGKILL and SIGTERM, sent
/// by kill, killpg, tgkill or raise. Signals from outside are not.
void hero_note_own_signals(hero_signal_note note);

/// Called on the thread that ends the process, with the status that it wants, and with the path of the library and the
/// name of the function that it called from as the dynamic linker knows them. Returns the status that the process ends
/// with, at once and without any further handlers.
typedef int (*hero_end_handler)(int code, const char *_Nullable library, const char *_Nullable function);

/// The status of an end by the functions that put another program in the process's place.
static const int HERO_END_BY_EXECUTION = -0x7FFFFFFF;

/// From here on nothing but a signal ends this process without the handler: neither exit nor quick_exit, _exit and _Exit,
/// nor a program that takes its place (execve and its kind).
///
/// Returns 0, or -1 when the C library has no room for it.
int hero_watch_ends(hero_end_handler handler);

/// Called on the thread that ends the process, before the handler of hero_watch_ends.
typedef void (*hero_end_note)(void);

/// For the bundle of a project's tests: only on the thread that ends the process it is known in which test that is.
void hero_note_before_end(hero_end_note note);

/// From here on the process may end.
void hero_expect_end(void);

/// Opens the system's libssl and libcrypto, the first time; must have been called before any function of theirs.
///
/// Returns NULL, or why they cannot be used, which stays in place.
const char *_Nullable hero_open_openssl(void);

/// Opens the system's brotli encoder, the first time; a host without it does not pack with brotli.
///
/// @return NULL, or why it cannot be used, which stays in place.
const char *_Nullable hero_open_brotli(void);

/// Packs with the library that hero_open_brotli has opened.
///
/// @param quality     0 to 11.
/// @param window      Binary logarithm of the window's size, 10 to 24.
/// @param output_size How many bytes there is room for; afterwards how many there are.
/// @return 0 when there is no library, no memory or not enough room.
int hero_brotli_compress(
    int quality, int window, const void *input, size_t size, void *output, size_t *output_size);

/// Calls a Swift type's metadata accessor and returns the metadata.
///
/// Swift has no way to call an address with the `swiftcall` convention.
///
/// @param accessor Address of the accessor of a type without generic parameters; it stays valid because images are
///                 never unloaded.
/// @return Complete metadata, owned by the runtime, never freed.
const void *hero_call_metadata_accessor(const void *accessor);

/// Where `dlopen` placed an image: its load base and the path it was opened by.
///
/// `dlinfo` is variadic in effect: its third parameter is an untyped pointer whose meaning depends on the second.
///
/// @param handle What `dlopen` returned.
/// @return The load base, or NULL when the handle is not valid.
const void *_Nullable hero_image_base(void *handle);

/// The version of the C library that this process runs with, for example "2.36". A GNU extension.
const char *hero_glibc_version(void);

/// Fills memory with random bytes of the kernel's generator, which are fetched in blocks by each thread. All of Swift's
/// random numbers come from here (random.c).
///
/// @return 0, or errno when the kernel has none.
int hero_random(void *memory, size_t size);

/// Names the calling thread for debuggers and /proc (15 bytes at most). A GNU extension.
void hero_name_thread(const char *name);

/// Starts writing the numbers of the given signals, one byte each, to a pipe.
///
/// A signal handler may only call functions that are safe in one; Swift code may allocate or lock anywhere. The handler
/// does nothing but count and write(2) to the pipe, one byte until hero_take_signal has been called for the signal, and keeps
/// errno. The calling thread lets them through from here on. Calling it again replaces the set of signals.
///
/// @param signals Numbers below 128.
/// @param count   How many.
/// @param write_descriptor A non-blocking pipe end that stays open for the life of the process.
/// @return 0, or errno of the call that failed.
int hero_catch_signals(const int *signals, size_t count, int write_descriptor);

/// Takes a signal whose byte has been read: from here on it writes a byte again.
///
/// @return How often it has come since it was taken last.
int hero_take_signal(int signal);

/// Replaces this process by a program (execv). Swift imports execv's argument list as a type that its own arrays of
/// strings cannot be turned into.
///
/// @param arguments NULL-terminated.
/// @param waiting   Signals that wait until the new program calls hero_catch_signals, instead of ending it.
/// @param count     How many.
/// @return Only when it fails: errno.
int hero_execute(const char *path, char *_Nullable *_Nonnull arguments, const int *_Nullable waiting, size_t count);

/// Makes memory that can be shared by handing over its descriptor: memfd_create, a GNU extension, or where the system
/// refuses that, a file without a name.
///
/// @return A descriptor that is closed on exec, or -1 with errno set.
int hero_memory_file(const char *name);

/// Sends a signal to one thread of another process (tgkill), which libc offers for no process but one's own.
///
/// @return 0, or errno.
int hero_signal_thread(int process, int thread, int signal);

/// The number of the calling thread, as /proc shows it (gettid).
int hero_thread_number(void);

/// Takes a waiting connection; the descriptor is non-blocking and closed on exec (accept4). A GNU extension.
///
/// @return A descriptor, or -1 with errno set.
int hero_accept(int listening);

/// Whose process has made a connection of a Unix socket.
///
/// `struct ucred` is for programs with GNU extensions only.
///
/// @return The user's number, or minus errno.
int64_t hero_peer_user(int connection);

/// Marks all descriptors above 2 as closed on exec: what whoever started this process has left to it, or handed over to it,
/// is for no program that it starts. `syscall` is variadic.
void hero_close_inherited_on_execution(void);

/// Makes a pipe whose ends are closed on exec from the start (pipe2). A GNU extension.
///
/// @param ends  Room for two descriptors: the one to read from and the one to write to.
/// @param flags O_NONBLOCK for both ends, or 0.
/// @return 0, or -1 with errno set.
int hero_pipe(int *ends, int flags);

/// The number of the real-time signal that asks the master for an upgrade; SIGRTMIN is not a constant.
int hero_upgrade_signal(void);

/// Lets the calling thread, and the threads that it starts, take all signals again.
///
/// Beside the master's handlers this is where a worker's mask is made, so that both are found together.
void hero_unblock_signals(void);

/// Writes standard output line by line, also into pipes and files.
///
/// `stdout` is a variable in C, which Swift does not let several threads use.
void hero_write_by_line(void);

/// Keeps everybody else from writing to standard output through C's or Swift's functions, so that no line is cut in two.
/// For the reason that hero_write_by_line gives.
void hero_lock_output(void);

/// Hands what print has buffered to the system.
///
/// @return 0 when everything that was ever printed has been taken, errno, or -1 when something was lost before.
int hero_flush_output(void);

/// Undoes hero_lock_output.
void hero_unlock_output(void);

/// Gives a signal back its default action.
void hero_default_signal(int signal);

/// Makes `ps` show a title for this process.
///
/// Overwrites the memory of the original arguments (and, where it lies directly behind them, of the environment, which
/// is moved first), which only C code can do without undefined behaviour in Swift's view of `CommandLine`.
///
/// @param argc,argv What `main` got; argv[0] and its strings must be the original ones.
/// @param title     UTF-8; cut to the room there is.
void hero_set_title(int argc, char *_Nullable *_Nonnull argv, const char *title);

/// Readable form of a mangled Swift name.
///
/// `swift_demangle` is exported by the runtime but declared in no header that Swift can import.
///
/// @return A string to be released with free(3), or NULL when the name is not a Swift name.
char *_Nullable hero_demangle(const char *mangled, size_t length);

/// Opens a file for reading whose path, links included, does not lead out of a directory.
///
/// The C library has no wrapper for openat2, and `syscall` is variadic. Does not wait for the writer of a FIFO.
///
/// @param directory A descriptor, of the kind O_PATH or any other.
/// @param path      Relative.
/// @return A descriptor of the caller's, or minus errno: EXDEV for a way out and for every absolute link, ENOSYS or
///         EPERM where the kernel or a sandbox has no openat2.
int hero_open_beneath(int directory, const char *path);

/// Reads what of a file is in memory already; never waits for a disk.
///
/// The C library has preadv2, which Swift's module of it has not.
///
/// @param buffer Has room for count bytes.
/// @return How many bytes were read; 0 at the end of the file and where the first of them would have to be waited for, or
///         where the kernel or the file system cannot tell.
size_t hero_read_cached(int file, void *_Nonnull buffer, size_t count, size_t offset);

/// How much of a part of a file is in memory, looked at here and there: what is missing between two places that are in
/// memory goes unnoticed.
///
/// @return Bytes from the offset; 0 also where the kernel or the file system cannot tell.
size_t hero_count_cached(int file, size_t offset, size_t count);

/// Whether a file is nowhere but in memory (tmpfs, ramfs), where nothing has to be waited for.
int hero_is_memory_file(int file);

/// Where some bytes occur first in others.
///
/// memmem(3), which glibc's headers keep from Swift.
///
/// @return How many bytes stand before them, or -1.
ptrdiff_t hero_find(const void *bytes, size_t length, const void *wanted, size_t wanted_length);

/// A descriptor that is readable when a process has ended, whoever else waits for it.
///
/// pidfd_open(2), which the headers that Swift imports lack.
///
/// @return A descriptor of the caller's, closed on execution, or minus errno.
int hero_watch_process(int process);

/// Who listens at the other end of a Unix socket that has been connected.
///
/// `struct ucred` is for programs with GNU extensions only.
///
/// @return The process's number, or minus errno.
int hero_peer_process(int socket);

/// Keeps what the calling thread, and what it starts, makes from now on for this user alone; other threads go on as before.
///
/// Where the system does not allow a thread a mask of its own, nothing changes.
void hero_keep_private(void);

/// A child that has ended and is still to be waited for: until then, nobody else gets its number.
///
/// waitid(2) with WNOWAIT, whose siginfo_t is a union that Swift sees nothing of.
///
/// @param is_clean Gets 1 when it has ended by itself with 0, else 0.
/// @return The process's number, or 0 when none has ended.
int hero_ended_child(int *is_clean);

/// Makes processes whose parents have ended children of this one, where it is one of their ancestors.
///
/// prctl(2) is variadic.
///
/// @return 0 or errno.
int hero_adopt_orphans(void);

/// Gives the process the name that its path ends with: one that was executed by way of a descriptor is called like that.
void hero_name_process(const char *path);

/// Sets how many descriptors a process may have, below what it may be raised to.
///
/// prlimit(2), which the headers that Swift imports lack.
///
/// @param process  0 for this one.
/// @return 0, or minus errno.
int hero_limit_descriptors(int process, unsigned long count);

/// Gives memory that nobody uses back to the system.
///
/// malloc_trim(3), which the headers that Swift imports lack; the allocator keeps most of what it has ever had otherwise.
void hero_trim_memory(void);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
