// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// The inputs of an action that is no Swift type: one instance per action, made when its bundle is loaded.
package final class DynamicInputs: Sendable {
    /// The inputs as documentation, logs and command lines see them.
    package let table: InputTable
    private let fields: [DynamicField]

    /// - Parameter inputs: In the order in which ``values(from:missingValues:)`` returns their values; no name twice.
    /// - Throws: ``DynamicInputError``.
    package init(_ inputs: [DynamicInput]) throws {
        fields = try inputs.map(DynamicField.init)
        table = InputTable(
            inputs: zip(inputs, fields).map { input, field in
                InputTable.Entry(key: input.name, name: input.name, definition: field.definition)
            })
    }

    /// Converts and checks the parameters of one request, exactly as the inputs of a Swift action are.
    ///
    /// - Parameters:
    ///   - parameters: What the client sent.
    ///   - missingValues: Values that count as missing for a required input.
    /// - Returns: A value of the declared kind per input; `nil` for one that is absent and has no default.
    /// - Throws: ``InputProblems`` with everything that is wrong.
    package func values(
        from parameters: JSON.Object, missingValues: [JSON]
    ) throws(InputProblems) -> [JSON?] {
        let report = InputReport(missingValues: missingValues)
        var values: [JSON?] = []
        values.reserveCapacity(fields.count)
        for (entry, field) in zip(table.inputs, fields) where report.failure == nil {
            values.append(field.resolve(parameters[entry.name], [JSONKey(entry.name)], report))
        }
        if let problems = report.problems { throw problems }
        return values
    }
}
