// What is said about a C++ exception that nobody catches.
//
// The C++ library prints the exception's type and text and aborts. Neither says whose it was, and the runtime's backtrace
// follows frame pointers, which C++ is usually compiled without: it loses the very frames that tell. Here the stack is
// walked by the unwinder that has just looked for a handler, while nothing of it has been taken down.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <execinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hero_shims.h"

typedef void (*handler)(void);
// std::type_info: a table of functions, then the mangled name (Itanium C++ ABI, 2.9.5).
typedef struct {
    const void *functions;
    const char *name;
} type_info;
typedef char *(*demangler)(const char *mangled, char *buffer, size_t *length, int *status);

static handler previous;
static demangler demangle;
static type_info *(*current_type)(void);

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

static const char *readable(const char *name) {
    int status = 0;
    char *text = name == NULL || demangle == NULL ? NULL : demangle(name, NULL, NULL, &status);
    // Not freed: the process is about to end.
    return text != NULL ? text : name != NULL ? name : "unknown";
}

static void name_the_thrower(void) {
    void *frames[64];
    int count = backtrace(frames, sizeof frames / sizeof frames[0]);
    Dl_info own = {0};
    dladdr((const void *)name_the_thrower, &own);
    const type_info *type = current_type == NULL ? NULL : current_type();
    const char *thrower = NULL;
    const char *function = NULL;
    for (int index = 0; index < count && function == NULL; index++) {
        Dl_info frame;
        if (dladdr(frames[index], &frame) == 0 || frame.dli_fname == NULL) continue;
        if (is_machinery(frame.dli_fname, own.dli_fname)) continue;
        if (thrower == NULL) thrower = frame.dli_fname;
        // Functions that the library does not export have no name here; one of their callers has.
        if (strcmp(thrower, frame.dli_fname) == 0) function = frame.dli_sname;
    }
    char line[2048];
    int length = snprintf(
        line, sizeof line, "%s: Fatal error: a C++ exception of type %s was not caught%s%s\n",
        thrower == NULL ? "an unknown library" : thrower, readable(type == NULL ? NULL : type->name),
        function == NULL ? "" : "; it came out of ", function == NULL ? "" : readable(function));
    if (length > 0) {
        size_t size = (size_t)length < sizeof line ? (size_t)length : sizeof line - 1;
        // Nobody reads standard error then; the process ends all the same.
        ssize_t written = write(STDERR_FILENO, line, size);
        (void)written;
    }
    if (previous != NULL) previous();
    abort();
}

void hero_name_cpp_exceptions(void) {
    // Swift's runtime has brought it; a process without it throws no exceptions.
    void *library = dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_NOLOAD);
    if (library == NULL || previous != NULL) return;
    handler (*set_terminate)(handler) = (handler(*)(handler))dlsym(library, "_ZSt13set_terminatePFvvE");
    demangle = (demangler)dlsym(library, "__cxa_demangle");
    current_type = (type_info * (*)(void)) dlsym(library, "__cxa_current_exception_type");
    if (set_terminate != NULL) previous = set_terminate(name_the_thrower);
}
