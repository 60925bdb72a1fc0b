// What is said about a C++ exception that nobody catches.
//
// The C++ library prints the exception's type and text and aborts. Neither says whose it was, and the runtime's backtrace
// follows frame pointers, which C++ is usually compiled without: it loses the very frames that tell. Here the stack is
// walked by the unwinder that has just looked for a handler, while nothing of it has been taken down.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hero_shims.h"
#include "origin.h"

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

static const char *readable(const char *name) {
    int status = 0;
    char *text = name == NULL || demangle == NULL ? NULL : demangle(name, NULL, NULL, &status);
    // Not freed: the process is about to end.
    return text != NULL ? text : name != NULL ? name : "unknown";
}

static void name_the_thrower(void) {
    hero_origin origin = hero_find_origin();
    const type_info *type = current_type == NULL ? NULL : current_type();
    char line[2048];
    int length = snprintf(
        line, sizeof line, "%s: Fatal error: a C++ exception of type %s was not caught%s%s\n",
        origin.library == NULL ? "an unknown library" : origin.library, readable(type == NULL ? NULL : type->name),
        origin.function == NULL ? "" : "; it came out of ",
        origin.function == NULL ? "" : readable(origin.function));
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
