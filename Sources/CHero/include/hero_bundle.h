// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// Actions written in C, or in any language that can lay out a C structure.
//
// A bundle of kind `c` is a shared library that exports one constant, `hero_bundle_table`. The host reads the table when
// it loads the bundle, and from then on calls the functions it lists, each after the request's parameters have been
// converted to the declared types and checked, like those of any action. The bundle links against nothing of the host.
//
// The table is data and not a function that returns it, so that no code of the bundle runs before the host has seen that
// the bundle fits, and so that its presence can be checked in the file, before the library is loaded.
//
// Build:  cc -shared -fPIC -I <prefix>/lib/hero/sdk greeting.c -o greeting.so
//         hero bundle stamp --kind c greeting.so
//
// Rules that hold for everything in this file
//
//   Owner      The bundle owns the table and everything it points to. All of it must stay in place and unchanged for as
//              long as the process lives; libraries are never unloaded. What a function gets belongs to the host and is
//              valid until the function returns.
//   Text       UTF-8 that ends with a zero byte. Names and other text of the table have at most 65,535 bytes.
//   Reserved   Fields called `reserved` and bits without a name are zero. A host refuses a bundle in which they are not:
//              it was written for a newer host, and would not do what its author meant.
//   Growth     Structures grow at their end, so the table states the sizes that its bundle was compiled with. A host
//              takes fields that an older bundle does not have as zero.
//   Threads    Functions are called on threads of a pool, several at a time, the same function included. They may block.
//   Exceptions A C++ exception or longjmp that leaves a function ends the process.
#ifndef HERO_BUNDLE_H
#define HERO_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Raised when a host that knows only lower versions would misread a table.
#define HERO_BUNDLE_ABI_VERSION 1u

// What an input takes or a function returns, and the C type that stands for it.
//
//   constant            parameter        result           JSON
//   HERO_TYPE_NOTHING   –                void             no member at all
//   HERO_TYPE_BOOLEAN   bool             bool             true, false
//   HERO_TYPE_INTEGER   int64_t          int64_t          a number without fraction
//   HERO_TYPE_DOUBLE    double           double           a number; NaN and infinities become null
//   HERO_TYPE_TEXT      const char *     const char *     a string
//   HERO_TYPE_JSON      const char *     const char *     the value that the text is the JSON form of
//
// The value NULL stands for an input that was not given and for the result null; both only for text and JSON.
typedef uint32_t hero_type;
enum {
    HERO_TYPE_NOTHING = 0,
    HERO_TYPE_BOOLEAN = 1,
    HERO_TYPE_INTEGER = 2,
    HERO_TYPE_DOUBLE = 3,
    HERO_TYPE_TEXT = 4,
    HERO_TYPE_JSON = 5
};

// How a function says that it failed: by writing a message, a code or a status here. What it returns is then ignored.
//
//   offset  size  field
//        0     4  size      sizeof(hero_error) of the host; set by the host
//        4     4  status    the HTTP status to answer, 200 to 599; 0 leaves the choice to the host
//        8    64  code      a code for programs, answered as `code`; empty for none
//       72   512  message   what the client reads as `error`
//
// The host owns it, has zeroed it, and copies from it when the function has returned. Text is cut at the end of its field,
// which snprintf does by itself.
typedef struct hero_error {
    uint32_t size;
    int32_t status;
    char code[64];
    char message[512];
} hero_error;

// Any function; the real type follows from the declared inputs and result. See hero_action.function.
typedef void (*hero_function)(void);

enum {
    // A request without the input is refused. Not together with a default.
    HERO_INPUT_REQUIRED = 1u << 0,
    // The value is kept out of logs.
    HERO_INPUT_SECRET = 1u << 1
};

// One input of an action.
//
//   offset  size  field
//        0     8  name          its name in requests
//        8     8  help          what it means, in one sentence; may be NULL
//       16     8  default_text  what stands for an absent value, as text that is converted like a request's; NULL for
//                               none. An input that is neither required nor has a default must be text or JSON.
//       24     4  type          HERO_TYPE_…, not HERO_TYPE_NOTHING
//       28     4  flags         HERO_INPUT_…
//       32    16  reserved
typedef struct hero_input {
    const char *name;
    const char *help;
    const char *default_text;
    hero_type type;
    uint32_t flags;
    uint64_t reserved[2];
} hero_input;

enum {
    // The function has no hero_error parameter.
    HERO_ACTION_CANNOT_FAIL = 1u << 0
};

// One version of an action.
//
//   offset  size  field
//        0     8  name          its name in requests
//        8     8  description   what it does, in one sentence; NULL for the name
//       16     8  version       tells actions of one name apart; NULL for "1"
//       24     8  inputs        array of input_count elements, in the order of the function's parameters; NULL when there
//                               are none
//       32     4  input_count   at most 64
//       36     4  result_type   HERO_TYPE_…
//       40     4  flags         HERO_ACTION_…
//       44     4  reserved0
//       48     8  function      takes one parameter per input, then a hero_error * (unless HERO_ACTION_CANNOT_FAIL), and
//                               returns the C type of result_type. Nothing can check that: a function of another type
//                               is undefined behaviour.
//       56     8  release       for results that are text or JSON. The host copies what the function returned and then
//                               calls release with that pointer, once, on the same thread, also after an error; never
//                               with NULL. When release is NULL the host only copies, before anything else runs on the
//                               thread: a literal or a thread-local buffer will do. `free` is a valid value.
//       64    32  reserved
//
// The response is the result's members when the result is a JSON object, otherwise one member `result`.
typedef struct hero_action {
    const char *name;
    const char *description;
    const char *version;
    const hero_input *inputs;
    uint32_t input_count;
    hero_type result_type;
    uint32_t flags;
    uint32_t reserved0;
    hero_function function;
    void (*release)(void *memory);
    uint64_t reserved[4];
} hero_action;

// The table.
//
//   offset  size  field
//        0     4  abi_version   HERO_BUNDLE_ABI_VERSION
//        4     4  size          sizeof(hero_bundle)
//        8     4  action_size   sizeof(hero_action), the distance of two elements
//       12     4  input_size    sizeof(hero_input), the distance of two elements
//       16     4  action_count  1 to 1,024
//       20     4  reserved0
//       24     8  actions       array of action_count elements
//       32    32  reserved
typedef struct hero_bundle {
    uint32_t abi_version;
    uint32_t size;
    uint32_t action_size;
    uint32_t input_size;
    uint32_t action_count;
    uint32_t reserved0;
    const hero_action *actions;
    uint64_t reserved[4];
} hero_bundle;

// What a bundle exports, also where the compiler was told to hide names. In C++, whose constants are private to a file,
// it is this declaration that gives the table a name outside of it.
extern __attribute__((visibility("default"))) const hero_bundle hero_bundle_table;

// The number of elements of an array, for hero_action.input_count.
#define HERO_COUNT(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

// Defines the table from an array of actions; stands once in a bundle, outside of functions.
#define HERO_BUNDLE(array)                                                                     \
    const hero_bundle hero_bundle_table = {                                                    \
        HERO_BUNDLE_ABI_VERSION, sizeof(hero_bundle), sizeof(hero_action), sizeof(hero_input), \
        HERO_COUNT(array), 0, (array), {0, 0, 0, 0}}

#ifdef __cplusplus
}
#define HERO_ASSERT_LAYOUT(condition) static_assert(condition, "hero_bundle.h describes 64-bit systems")
#elif __STDC_VERSION__ >= 201112L
#define HERO_ASSERT_LAYOUT(condition) _Static_assert(condition, "hero_bundle.h describes 64-bit systems")
#else
#define HERO_ASSERT_LAYOUT(condition) struct hero_no_assertions
#endif

HERO_ASSERT_LAYOUT(sizeof(hero_error) == 584 && offsetof(hero_error, message) == 72);
HERO_ASSERT_LAYOUT(sizeof(hero_input) == 48 && offsetof(hero_input, type) == 24);
HERO_ASSERT_LAYOUT(sizeof(hero_action) == 96 && offsetof(hero_action, function) == 48);
HERO_ASSERT_LAYOUT(sizeof(hero_bundle) == 64 && offsetof(hero_bundle, actions) == 24);

#endif
