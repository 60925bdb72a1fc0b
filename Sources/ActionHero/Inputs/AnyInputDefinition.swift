// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// What an `@Input` declares, without its type.
protocol AnyInputDefinition: AnyObject, Sendable {
    var help: String { get }
    var explicitName: String? { get }
    var isSecret: Bool { get }
    var isRequired: Bool { get }
    var valueType: Any.Type { get }
    var defaultText: String? { get }
    /// The default for one request; `nil` without one, or where it cannot be written as JSON.
    var defaultJSON: JSON? { get }
    /// Why the declaration cannot be used, to be read behind the input's name.
    var problem: String? { get }

    /// Runs all steps and drops the value; problems go to the report.
    func check(_ raw: JSON?, path: [any CodingKey], report: InputReport)
}
