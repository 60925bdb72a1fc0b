// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero

struct OlderCommand: Command {
    static let name = "age"
    @Input("How much") var years: Int = 1
    func run(_ application: Application) async throws {
        print("\(years) \(application.services.find(String.self, named: "age") ?? "young")")
    }
}
