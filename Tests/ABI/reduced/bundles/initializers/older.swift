// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero

struct OlderInitializer: Initializer {
    func initialize(_ application: Application) async throws { application.services.provide("old", named: "age") }
    func stop(_ application: Application) async throws { application.log.notice("the old one stops") }
}
