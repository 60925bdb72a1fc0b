// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// Only with `make sanitize`: tells the thread sanitizer about Swift's Mutex, and of what in Swift's library is no fault.
//
// Where threads meet at one, the kernel hands it over, by calls that the runtime makes and the sanitizer does not see; it
// would report the accesses on both sides as a race. These functions take the place of the runtime's for what this program
// calls itself (they are emitted into it), do the same by calling them, and say what has happened.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

void __tsan_acquire(void *address);
void __tsan_release(void *address);

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *self

// Synchronization._MutexHandle._lockSlow(_:), ._tryLockSlow() and ._unlockSlow() of Swift 6.3.
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

SWIFT void hero_sanitized_lock(uint32_t thread, SELF) __asm__(LOCK);
SWIFT bool hero_sanitized_try_lock(SELF) __asm__(TRY_LOCK);
SWIFT void hero_sanitized_unlock(SELF) __asm__(UNLOCK);

SWIFT void hero_sanitized_lock(uint32_t thread, SELF) {
    ((SWIFT void (*)(uint32_t, SELF))dlsym(RTLD_NEXT, LOCK))(thread, self);
    __tsan_acquire(self);
}

SWIFT bool hero_sanitized_try_lock(SELF) {
    bool is_locked = ((SWIFT bool (*)(SELF))dlsym(RTLD_NEXT, TRY_LOCK))(self);
    if (is_locked) __tsan_acquire(self);
    return is_locked;
}

SWIFT void hero_sanitized_unlock(SELF) {
    __tsan_release(self);
    ((SWIFT void (*)(SELF))dlsym(RTLD_NEXT, UNLOCK))(self);
}

// All empty arrays are one object of the library, and an initializer that ends up with nothing writes its count, 0, once more.
// Of a continuation that is resumed before its task waits for it, the runtime knows by an atomic that the sanitizer does not
// see; what is innermost in such a report is the library's function, not what the program does with it.
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void) {
    return "race:_swiftEmptyArrayStorage\n"
           "race_top:withUnsafeContinuation9isolation\n"
           "race_top:withUnsafeThrowingContinuation9isolation\n";
}

#endif
#endif
