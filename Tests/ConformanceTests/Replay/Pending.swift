// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Recorded behaviour of parts that do not exist yet.
///
/// None of this is a difference on purpose. A case that begins to pass fails its test until it is removed from here.
enum Pending {
    static let cases: [String: String] = [
        "http-basic: GET createChatRoom?name=fromHttp": "needs chat rooms"
    ]

    /// Beginnings of log lines without their time.
    private static let lines = [
        "notice: Starting server: `websocket`",
        "notice: Stopping server: websocket",
        "debug: Initialized server: websocket",
        "debug: Server started: websocket",
        "debug: Server stopped: websocket",
        "debug: [server: websocket]",
        "debug: wrote <root>/public/javascript/",
        "debug: Redis connection",
        "debug: task  loaded:",
        "info: actionhero member",
    ]

    static func isPending(line: String) -> Bool { lines.contains { line.hasPrefix("<prefix> - \($0)") } }
}
