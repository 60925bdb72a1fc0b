// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero

struct Versioned1: Action {
    static let name = "versioned"
    static let description = "fixture versioned"
    func run(_ context: Context) async throws -> JSON { ["version": 1] }
}

struct Versioned2: Action {
    static let name = "versioned"
    static let description = "fixture versioned"
    static let version = 2
    func run(_ context: Context) async throws -> JSON { ["version": 2] }
}

struct Versioned3: Action {
    static let name = "versioned"
    static let description = "fixture versioned"
    static let version = 3
    func run(_ context: Context) async throws -> JSON { ["version": 3] }
}

struct NamedVersion1: Action {
    static let name = "namedVersion"
    static let description = "fixture namedVersion"
    @Input("any") var a: JSON?
    func run(_ context: Context) async throws -> JSON { ["version": 1] }
}

struct NamedVersion2: Action {
    static let name = "namedVersion"
    static let description = "fixture namedVersion"
    static let version = 2
    @Input("any") var a: JSON?
    func run(_ context: Context) async throws -> JSON { ["version": 2] }
}

struct NamedVersionThree: Action {
    static let name = "namedVersion"
    static let description = "fixture namedVersion"
    static let version = "three"
    @Input("any") var a: JSON?
    func run(_ context: Context) async throws -> JSON { ["version": "three"] }
}

struct TenVersions1: Action {
    static let name = "tenVersions"
    static let description = "fixture tenVersions"
    func run(_ context: Context) async throws -> JSON { ["version": 1] }
}

struct TenVersions2: Action {
    static let name = "tenVersions"
    static let description = "fixture tenVersions"
    static let version = 2
    func run(_ context: Context) async throws -> JSON { ["version": 2] }
}

struct TenVersions10: Action {
    static let name = "tenVersions"
    static let description = "fixture tenVersions"
    static let version = 10
    func run(_ context: Context) async throws -> JSON { ["version": 10] }
}
