// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero

/// A command that a bundle brought.
package struct CommandRecord: Sendable {
    package let name: String
    package let description: String
    package let example: String
    package let file: String
    package let inputs: InputTable
    /// Makes an instance from parameters and runs it.
    package let run: @Sendable (JSON.Object, Application) async throws -> Void

    init<C: Command>(_ type: C.Type, file: String) throws {
        let table = try InputTable.of(type)
        name = type.name
        description = type.description
        example = type.example
        inputs = table
        self.file = file
        run = { parameters, application in
            let instance: C
            do throws(InputProblems) {
                instance = try table.instantiate(C.self, from: parameters, missingValues: [.null, ""])
            } catch {
                throw CommandUsageError(error)
            }
            try await instance.run(application)
        }
    }
}

/// A command was called with inputs that do not fit.
package struct CommandUsageError: Error, CustomStringConvertible {
    package let description: String

    init(_ problems: InputProblems) {
        switch problems {
        case .missing(let names): description = names.map { "--\($0) is required" }.joined(separator: "\n")
        case .invalid(let errors): description = errors.map { "\($0)" }.joined(separator: "\n")
        case .failed(let error): description = "\(error)"
        }
    }
}
