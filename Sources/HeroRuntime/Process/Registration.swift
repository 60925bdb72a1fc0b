// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroBundles
internal import HeroConfiguration

/// Sorts what the bundles brought into the registries, collecting every conflict.
struct Registration {
    let actions: ActionRegistry
    let initializers: [(type: any Initializer.Type, file: String)]
    let commands: [CommandRecord]
    let connectionMiddleware: [any ConnectionMiddleware]
    let tasks: TaskRegistry

    /// - Parameters:
    ///   - bundles: In the order in which they were loaded.
    ///   - application: The process.
    ///   - check: Finds what else is wrong with the actions, as in their routes.
    /// - Throws: `BundlesRefused`; what the check throws.
    init(_ bundles: [LoadedBundle], _ application: HeroApplication, _ check: HeroProcess.ActionCheck) throws {
        let registrar = Registrar(defaultPriority: application.core.general.defaultMiddlewarePriority)
        for bundle in bundles {
            for type in bundle.types { registrar.register(type, file: bundle.file.path) }
        }
        for middleware in application.sharing.middleware { registrar.middleware.add(builtIn: middleware) }
        actions = registrar.registerActions()
        tasks = registrar.registerTasks()
        (initializers, commands) = (registrar.initializers, registrar.commands)
        connectionMiddleware = registrar.middleware.connectionMiddleware
        let problems = try registrar.problems + check(application, actions)
        guard problems.isEmpty else { throw BundlesRefused(problems: problems) }
    }
}

/// Takes the types of bundles one after the other.
private final class Registrar: BundleRegistry {
    var middleware: MiddlewareRegistry
    private var taskMiddleware: TaskMiddlewareRegistry
    private(set) var initializers: [(type: any Initializer.Type, file: String)] = []
    private(set) var commands: [CommandRecord] = []
    private var others: [BundleProblem] = []
    private var actions = ActionRegistry()
    /// Actions come last: what runs around them has to be known.
    private var waiting: [(MiddlewareRegistry) -> Result<ActionRecord, BundleProblem>] = []
    private var tasks = TaskRegistry()
    /// Tasks, for the same reason.
    private var waitingTasks: [(TaskMiddlewareRegistry) -> Result<TaskRecord, BundleProblem>] = []

    init(defaultPriority: Int) {
        middleware = MiddlewareRegistry(defaultPriority: defaultPriority)
        taskMiddleware = TaskMiddlewareRegistry(defaultPriority: defaultPriority)
    }

    var problems: [BundleProblem] {
        others + actions.problems + tasks.problems + middleware.problems + taskMiddleware.problems
    }

    func register(_ type: BundleType, file: String) {
        do {
            try type.register(in: self, file: file)
        } catch let problem as BundleProblem {
            others.append(problem)
        } catch {
            others.append(.definition(file, type.name, "\(error)"))
        }
    }

    func registerActions() -> ActionRegistry {
        for record in waiting {
            switch record(middleware) {
            case .success(let record): actions.add(record)
            case .failure(let problem): others.append(problem)
            }
        }
        return actions
    }

    func registerTasks() -> TaskRegistry {
        for record in waitingTasks {
            switch record(taskMiddleware) {
            case .success(let record): tasks.add(record)
            case .failure(let problem): others.append(problem)
            }
        }
        registerBuiltIn(RunAction.self)
        registerBuiltIn(ContinueChain.self)
        return tasks
    }

    /// An application may have a task of that name, and then it is meant.
    private func registerBuiltIn<T: BackgroundTask>(_ type: T.Type) {
        guard tasks.find(type.name) == nil else { return }
        do {
            tasks.add(try TaskRecord(type, file: TaskRecord.builtIn, chain: taskMiddleware.chain(naming: [])))
        } catch {
            others.append(.definition("hero", "task `\(type.name)`", "\(error)"))
        }
    }

    func add(_ type: any BackgroundTask.Type, file: String) {
        waitingTasks.append { middleware in
            do {
                let chain = try middleware.chain(naming: type.middleware)
                return .success(try TaskRecord(type, file: file, chain: chain))
            } catch {
                return .failure(.definition(file, "task `\(type.name)`", "task `\(type.name)`: \(error)"))
            }
        }
    }

    func add(_ type: any TaskMiddleware.Type, file: String) { taskMiddleware.add(type, file: file) }

    func add(_ type: any Action.Type, file: String) {
        waiting.append { middleware in
            do {
                let chain = try middleware.chain(naming: type.middleware)
                return .success(try ActionRecord(type, file: file, chain: chain))
            } catch {
                return .failure(.definition(file, "action `\(type.name)`", "action `\(type.name)`: \(error)"))
            }
        }
    }

    func add(_ action: CAction, file: String) {
        waiting.append { middleware in
            do {
                return .success(try ActionRecord(action, file: file, chain: middleware.chain(naming: [])))
            } catch {
                return .failure(.definition(file, "action `\(action.name)`", "\(error)"))
            }
        }
    }

    func add(_ type: any ActionMiddleware.Type, file: String) { middleware.add(type, file: file) }

    func add(_ type: any ConnectionMiddleware.Type, file: String) { middleware.add(type, file: file) }

    func add(_ type: any Initializer.Type, file: String) { initializers.append((type, file)) }

    func add(_ type: any Command.Type, file: String) throws {
        let record = try CommandRecord(type, file: file)
        if let first = commands.first(where: { $0.name.isSame(as: record.name) }) {
            throw BundleProblem.nameConflict("command \(record.name)", first: first.file, second: file)
        }
        commands.append(record)
    }
}
