// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero

struct Greet: Command {
    static let name = "greet loudly"
    static let description = "I greet people"
    static let example = "hero greet loudly --who Ada"

    @Input("Who is greeted") var who: String
    @Input("How often") var times: Int = 1

    func run(_ application: Application) async throws {
        let tool = application.services.find(String.self, named: "tool") ?? "nothing"
        let answer = try await application.run("inputs", params: ["text": .string(who)])
        for _ in 0..<times { print("\(answer["text"]?.stringValue ?? "nobody") with \(tool)") }
    }
}
