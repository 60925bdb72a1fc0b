// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

#ifndef HERO_EXPRESSIONS_H
#define HERO_EXPRESSIONS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A compiled regular expression; RE2 has no interface in C, which this is for.
typedef struct hero_expression hero_expression;

/// Compiles an expression in RE2's syntax.
///
/// - error: Receives the reason, ended by NUL and cut to the capacity, when there is no result.
/// - Returns: What the caller gives back with `hero_expression_free`, or NULL.
hero_expression *_Nullable hero_expression_compile(const char *_Nonnull pattern, size_t length, char *_Nonnull error,
                                                   size_t capacity);

/// Whether the expression matches anywhere in the text, in time proportional to the length of the text.
///
/// May be called by several threads at once. 1 or 0.
int hero_expression_matches(const hero_expression *_Nonnull expression, const char *_Nonnull text, size_t length);

void hero_expression_free(hero_expression *_Nonnull expression);

#ifdef __cplusplus
}
#endif

#endif
