// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// `web.health`: paths at which a supervisor or load balancer asks how the process is.
///
/// They are answered before routing, run no action, are in no log and set no cookie.
struct HealthPaths: Sendable {
    enum Question: Sendable {
        /// Whether the process works at all; restart it if not.
        case live
        /// Whether it should be sent requests.
        case ready
    }

    private let live: [UInt8]
    private let ready: [UInt8]

    /// - Parameters:
    ///   - live: A path, or `nil` for none.
    ///   - ready: A path, or `nil` for none.
    init(live: String?, ready: String?) {
        self.live = Array((live ?? "").utf8)
        self.ready = Array((ready ?? "").utf8)
    }

    func question(_ exchange: WebExchange) -> Question? {
        guard exchange.isGet || exchange.isHead,
            exchange.target.path.count == live.count
                || exchange.target.path.count == ready.count
        else { return nil }
        return exchange.head.withBytes(exchange.target.path) { path in
            if path.isEmpty { return nil }
            if path.elementsEqual(live) { return .live }
            return path.elementsEqual(ready) ? .ready : nil
        }
    }

    /// - Parameters:
    ///   - question: What was asked.
    ///   - isStarting: Whether requests wait until the process has started.
    ///   - isStopping: Whether the process finishes what it has and takes nothing new.
    ///   - problem: Why it should not be sent requests; `nil` when all is well.
    /// - Returns: The answer.
    static func answer(
        _ question: Question, isStarting: Bool = false, isStopping: Bool, problem: @autoclosure () -> String?
    ) -> (status: Int, body: [UInt8]) {
        switch question {
        case .live: return (200, Array(#"{"live":true}"#.utf8))
        case .ready:
            let phase = isStopping ? "the server is stopping" : isStarting ? "the server is starting" : nil
            guard let reason = phase ?? problem() else {
                return (200, Array(#"{"ready":true}"#.utf8))
            }
            return (503, Array(JSON.object(["ready": false, "reason": .string(reason)]).description.utf8))
        }
    }
}
