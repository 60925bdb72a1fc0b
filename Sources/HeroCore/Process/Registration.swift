// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import HeroBundles

/// Sorts what the bundles brought into the registries, collecting every conflict.
struct Registration {
    private(set) var actions = ActionRegistry()
    private(set) var chains: [ObjectIdentifier: [any ActionMiddleware]] = [:]
    private(set) var initializers: [(type: any Initializer.Type, file: String)] = []
    private(set) var commands: [CommandRecord] = []
    private(set) var connectionMiddleware: [any ConnectionMiddleware] = []

    /// - Throws: `BundlesRefused`.
    init(_ bundles: [LoadedBundle], _ core: CoreConfiguration) throws {
        var middleware = MiddlewareRegistry(defaultPriority: core.general.defaultMiddlewarePriority)
        var problems: [BundleProblem] = []
        for bundle in bundles {
            for type in bundle.types {
                do {
                    try add(type, file: bundle.file.path, &middleware)
                } catch {
                    problems.append(.definition(bundle.file.path, "\(type)", "\(error)"))
                }
            }
        }
        problems += actions.problems + middleware.problems
        problems += link(middleware)
        guard problems.isEmpty else { throw BundlesRefused(problems: problems) }
        connectionMiddleware = middleware.connectionMiddleware
    }

    private mutating func add(_ type: BundleType, file: String, _ middleware: inout MiddlewareRegistry) throws {
        switch type {
        case .action(let action): actions.add(try ActionRecord(action, file: file))
        case .actionMiddleware(let type): middleware.add(type, file: file)
        case .connectionMiddleware(let type): middleware.add(type, file: file)
        case .initializer(let type): initializers.append((type, file))
        case .command(let type):
            let record = try CommandRecord(type, file: file)
            if let first = commands.first(where: { $0.name == record.name }) {
                throw BundleProblem.nameConflict("command \(record.name)", first: first.file, second: file)
            }
            commands.append(record)
        }
    }

    /// Works out what runs around each action. A name that does not exist would otherwise be found by the first client.
    private mutating func link(_ middleware: MiddlewareRegistry) -> [BundleProblem] {
        var problems: [BundleProblem] = []
        for record in actions.all {
            let (chain, unknown) = middleware.chain(for: record)
            if let unknown {
                let hint = Spelling.nearest(to: unknown, among: middleware.names).map { " – did you mean `\($0)`?" } ?? ""
                problems.append(
                    .definition(
                        record.file, "action `\(record.name)`",
                        "action `\(record.name)` asks for the middleware `\(unknown)`, which does not exist\(hint)"))
            }
            chains[ObjectIdentifier(record)] = chain
        }
        return problems
    }
}

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
