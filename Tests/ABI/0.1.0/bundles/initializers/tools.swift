// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero

struct Tools: Initializer {
    static let loadPriority = 500
    static let after = ["ground"]

    func initialize(_ application: Application) async throws {
        let ground = try application.services.require(String.self, named: "ground")
        application.services.provide("hammer on \(ground)", named: "tool")
    }

    func start(_ application: Application) async throws { application.log.notice("tools start") }
    func stop(_ application: Application) async throws { application.log.notice("tools stop") }
}

struct Ground: Initializer {
    static let loadPriority = 900
    func initialize(_ application: Application) async throws { application.services.provide("rock", named: "ground") }
}
