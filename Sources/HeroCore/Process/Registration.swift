// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import HeroBundles

/// Sorts what the bundles brought into the registries, collecting every conflict.
struct Registration {
    private(set) var actions = ActionRegistry()
    private(set) var initializers: [(type: any Initializer.Type, file: String)] = []
    private(set) var commands: [CommandRecord] = []
    let connectionMiddleware: [any ConnectionMiddleware]

    /// - Throws: `BundlesRefused`.
    init(_ bundles: [LoadedBundle], _ application: HeroApplication, _ routes: RoutesConfiguration) throws {
        let core = application.core
        let types = bundles.flatMap { bundle in bundle.types.map { (type: $0, file: bundle.file.path) } }
        var middleware = MiddlewareRegistry(defaultPriority: core.general.defaultMiddlewarePriority)
        for (type, file) in types {
            if case .actionMiddleware(let type) = type { middleware.add(type, file: file) }
            if case .connectionMiddleware(let type) = type { middleware.add(type, file: file) }
        }
        // Redis is installed later.
        middleware.add(
            builtIn: RateLimit(core.general.rateLimit, text: core.errors.rateLimited, log: application.log) {
                [weak application] in application?.shared.clients
            })
        connectionMiddleware = middleware.connectionMiddleware
        var problems: [BundleProblem] = []
        // Actions come last: what runs around them has to be known.
        for (type, file) in types {
            do {
                try add(type, file: file, middleware)
            } catch let problem as BundleProblem {
                problems.append(problem)
            } catch {
                problems.append(.definition(file, "\(type)", "\(error)"))
            }
        }
        var router = Router()
        for (method, route) in routes.routes { _ = router.add(route, methods: Router.methods(method)) }
        problems += actions.problems + middleware.problems + router.add(actions)
        guard problems.isEmpty else { throw BundlesRefused(problems: problems) }
    }

    private mutating func add(_ type: BundleType, file: String, _ middleware: MiddlewareRegistry) throws {
        switch type {
        case .action(let type):
            do {
                actions.add(try ActionRecord(type, file: file, chain: middleware.chain(naming: type.middleware)))
            } catch {
                throw BundleProblem.definition(file, "action `\(type.name)`", "action `\(type.name)`: \(error)")
            }
        case .cAction(let action):
            actions.add(try ActionRecord(action, file: file, chain: middleware.chain(naming: [])))
        case .actionMiddleware, .connectionMiddleware: break
        case .initializer(let type): initializers.append((type, file))
        case .command(let type):
            let record = try CommandRecord(type, file: file)
            if let first = commands.first(where: { $0.name == record.name }) {
                throw BundleProblem.nameConflict("command \(record.name)", first: first.file, second: file)
            }
            commands.append(record)
        }
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
