// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero

enum Size: String, Decodable, Sendable, CaseIterable { case small, large }

struct Address: InputObject {
    @Input("Where", validate: .length(1...20)) var city: String
    @Input("Which code") var code: Int?
}

/// Every kind of input.
struct Inputs: Action {
    static let description = "I answer with what I was given"

    @Input("Text", format: .trimmed, .uppercased, validate: .length(1...10), .pattern("[A-Z]+")) var text: String
    @Input("A whole number", validate: .range(1...)) var count: Int = 7
    @Input("A number", default: 1.5) var ratio: Double
    @Input("A flag", name: "is-loud") var isLoud: Bool = false
    @Input("Perhaps nothing", secret: true) var note: String?
    @Input("A choice") var size: Size = .small
    @Input("Numbers", validate: .length(...3)) var numbers: [Int] = []
    @Input("Anything") var anything: JSON?
    @Input("By name") var weights: [String: Double] = [:]
    @Input("An object") var address: Address?
    @Input("Objects") var stops: [Address] = []
    @Input("With checks of its own", format: .custom { $0 - $0 % 2 }, validate: .custom("even is odd") { $0 % 2 == 0 })
    var even: Int = 2

    struct Output: Encodable {
        let text: String
        let count: Int
        let ratio: Double
        let isLoud: Bool
        let note: String?
        let size: String
        let numbers: [Int]
        let anything: JSON?
        let weights: [String: Double]
        let cities: [String]
        let even: Int
    }

    func run(_ context: Context) async throws -> Output {
        let cities = (address.map { [$0] } ?? []) + stops
        return Output(
            text: text, count: count, ratio: ratio, isLoud: isLoud, note: note, size: size.rawValue, numbers: numbers,
            anything: anything, weights: weights, cities: cities.map { "\($0.city) \($0.code ?? 0)" }, even: even)
    }
}
