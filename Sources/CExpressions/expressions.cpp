// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

#include "hero_expressions.h"

#include <cstdio>
#include <memory>
#include <new>
#include <re2/re2.h>

struct hero_expression {
  RE2 compiled;
  hero_expression(const re2::StringPiece &pattern, const RE2::Options &options) : compiled(pattern, options) {}
};

// Exceptions must not reach Swift; RE2 throws none of its own, so what is left is a lack of memory.
hero_expression *hero_expression_compile(const char *pattern, size_t length, char *error, size_t capacity) {
  try {
    RE2::Options options;
    options.set_log_errors(false);
    // For the program and for what searching remembers; where that is used up, RE2 goes on without remembering.
    options.set_max_mem(4 << 20);
    options.set_never_capture(true);
    auto expression = std::make_unique<hero_expression>(re2::StringPiece(pattern, length), options);
    if (expression->compiled.ok()) return expression.release();
    std::snprintf(error, capacity, "%s", expression->compiled.error().c_str());
  } catch (const std::bad_alloc &) {
    std::snprintf(error, capacity, "out of memory");
  }
  return nullptr;
}

int hero_expression_matches(const hero_expression *expression, const char *text, size_t length) {
  try {
    return expression->compiled.Match(re2::StringPiece(text, length), 0, length, RE2::UNANCHORED, nullptr, 0) ? 1 : 0;
  } catch (const std::bad_alloc &) {
    return 0;
  }
}

void hero_expression_free(hero_expression *expression) { delete expression; }
