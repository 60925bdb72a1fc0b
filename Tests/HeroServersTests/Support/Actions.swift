// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Synchronization

/// Answers the parameters it was given.
struct Echo: Action {
    struct Output: Encodable { let params: JSON }

    func run(_ context: Context) async throws -> Output { Output(params: .object(context.params)) }
}

/// Takes one input of its own.
struct Greet: Action {
    @Input("Whom to greet") var name: String
    struct Output: Encodable { let greeting: String }

    func run(_ context: Context) async throws -> Output { Output(greeting: "Hi \(name)") }
}

/// Something that happens once and can be waited for.
final class Event: Sendable {
    private let state = Mutex((hasHappened: false, waiters: [CheckedContinuation<Void, Never>]()))

    func signal() {
        let waiters = state.withLock { state in
            defer { state = (true, []) }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    var hasHappened: Bool { state.withLock { $0.hasHappened } }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.hasHappened { state.waiters.append(continuation) }
                return state.hasHappened
            }
            if isOver { continuation.resume() }
        }
    }
}

/// Events by name, so that an action of one test can be held without touching the others.
enum Gates {
    private static let all = Mutex<[String: Event]>([:])

    static func named(_ name: String) -> Event {
        all.withLock { gates in
            let gate = gates[name] ?? Event()
            gates[name] = gate
            return gate
        }
    }
}

/// Waits for the gate that the request names, and tells when it has begun and when it was cancelled.
struct Held: Action {
    @Input("Name of the gate") var gate: String
    struct Output: Encodable { let passed: String }

    func run(_ context: Context) async throws -> Output {
        Gates.named("\(gate).begun").signal()
        await withTaskCancellationHandler {
            await Gates.named(gate).wait()
        } onCancel: {
            Gates.named("\(gate).cancelled").signal()
        }
        return Output(passed: gate)
    }
}
