// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Something that has gone wrong, as an ``ErrorReporter`` gets it.
public struct ErrorReport: Sendable {
    /// Where something has gone wrong.
    ///
    /// Later versions know more kinds.
    public struct Kind: Sendable, Hashable {
        /// The word for it, such as `action`.
        public let name: String

        /// Makes a kind of the application's own.
        ///
        /// - Parameter name: One word.
        public init(_ name: String) { self.name = name }

        /// An action, or what runs around it.
        public static let action = Kind("action")
        /// A background job.
        public static let task = Kind("task")
        /// A step of an initializer.
        public static let initializer = Kind("initializer")
        /// A server that cannot open its socket or accept connections.
        public static let server = Kind("server")
        /// The end of a worker of the cluster, reported by another one.
        public static let crash = Kind("crash")
        /// Code of the application that caught something.
        public static let application = Kind("application")
    }

    /// Who asked, where somebody did.
    public struct Client: Sendable {
        /// The id of the connection.
        public let connectionID: String
        /// The kind of connection, such as `web`.
        public let type: String
        /// The client's address.
        public let remoteIP: String
        /// The method of the HTTP request; `nil` for other kinds of connections.
        public let method: String?
        /// The path of the HTTP request, without the query; `nil` for other kinds of connections.
        public let path: String?

        package init(connectionID: String, type: String, remoteIP: String, method: String?, path: String?) {
            self.connectionID = connectionID
            self.type = type
            self.remoteIP = remoteIP
            self.method = method
            self.path = path
        }
    }

    /// Where it has gone wrong.
    public let kind: Kind
    /// What has failed: the action, the initializer and its step, the server, the worker.
    public let name: String
    /// How bad it is: `alert` for what nobody has foreseen, `notice` for what the client got wrong.
    public let severity: LogLevel
    /// One line or more for people, without values of secret inputs.
    public let message: String
    /// What was thrown; `nil` for crashes, and where the host itself refused something.
    public package(set) var error: (any Error)?
    /// What it was working on; secrets are hidden and long values shortened as in the log.
    public package(set) var parameters: JSON.Object = [:]
    /// Identifies the request, as in ``Context/messageID``; `nil` without one.
    public package(set) var requestID: String?
    /// Who asked; `nil` when nobody did.
    public package(set) var client: Client?
    /// How long an action had run; `nil` for everything else.
    public package(set) var durationMilliseconds: Int?
    /// For a crash, what the worker wrote about it, a function a line; empty otherwise.
    public package(set) var backtrace: [String] = []
    /// For a crash, the actions that had begun and not ended, as `name@version`.
    public package(set) var actionsInFlight: [String] = []
    /// For a crash, those of them that a thread was executing at that moment.
    public package(set) var actionsExecuting: [String] = []
    /// The process that reports, as ``Application/id``.
    public let processID: String
    /// The environment, such as `production`.
    public let environment: String
    /// When it was reported, in milliseconds since 1970.
    public let timeMilliseconds: Int

    package init(
        kind: Kind, name: String, severity: LogLevel, message: String, processID: String, environment: String,
        timeMilliseconds: Int
    ) {
        self.kind = kind
        self.name = name
        self.severity = severity
        self.message = message
        self.processID = processID
        self.environment = environment
        self.timeMilliseconds = timeMilliseconds
    }
}
