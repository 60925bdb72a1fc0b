// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero

struct First: Action {
    static let name = "versioned"
    static let description = "I am the first"
    func run(_ context: Context) async throws -> [String: String] { ["version": context.actionVersion] }
}

struct Second: Action {
    static let name = "versioned"
    static let description = "I am the second"
    static let version = 2
    func run(_ context: Context) async throws -> [String: String] { ["version": context.actionVersion] }
}

struct Named: Action {
    static let name = "versioned"
    static let version = "beta"
    func run(_ context: Context) async throws -> [String: String] { ["version": context.actionVersion] }
}
