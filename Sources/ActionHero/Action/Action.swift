// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Something that clients can ask the server to do, over HTTP, WebSocket and TCP, from the command line and as a job.
///
///     struct RandomNumber: Action {
///         static let description = "I am an API method which will generate a random number"
///
///         struct Output: Encodable {
///             let randomNumber: Double
///         }
///
///         func run(_ context: Context) async throws -> Output {
///             Output(randomNumber: .random(in: 0..<1))
///         }
///     }
///
/// The host makes one instance per request and fills its ``Input`` properties. An action starts on the event loop that
/// read its request and must not block it: await instead, or declare ``Execution/threadPool``.
///
/// The static properties are written without a type annotation in most cases (`static let version = 2`), so each has
/// exactly the type that such a literal gets.
public protocol Action: InputObject {
    /// The type of ``version``: `Int` or `String`.
    associatedtype Version: ActionVersion = Int
    /// What ``run(_:)`` returns. It is answered as JSON: the members of a structure become members of the response.
    associatedtype Output: Encodable & Sendable
    /// The type of ``outputExample``.
    associatedtype OutputExample: Encodable & Sendable = NoOutput

    /// The name in requests. Default: the type's name with a small first letter.
    static var name: String { get }
    /// What the action does, in one sentence. Default: ``name``.
    static var description: String { get }
    /// Tells several actions of one name apart; the highest is used when a request asks for none. Default: 1.
    static var version: Version { get }
    /// Names of ``ActionMiddleware`` to run in addition to the global ones, in this order. Default: none.
    static var middleware: [String] { get }
    /// Paths that lead here, beside those of the configuration. Default: none.
    static var routes: [Route] { get }
    /// Whether the action answers at its name, `/api/NAME`, for the methods of `web.automaticRoutes`. Default: `true`.
    ///
    /// An action with a route, its own or one of the configuration, has no such path in any case: what leads to it is what
    /// somebody has written down.
    static var automaticRoute: Bool { get }
    /// Kinds of connections that may not run this action, of `web`, `websocket`, `socket`, … Default: none.
    static var blockedConnectionTypes: [String] { get }
    /// At which level the line about each run is logged. Default: ``LogLevel/info``.
    static var logLevel: LogLevel { get }
    /// Whether the action appears in the API's documentation. Default: `true`.
    static var toDocument: Bool { get }
    /// Whether a file extension in the URL sets the content type of the answer. Default: `true`.
    static var matchExtensionMimeType: Bool { get }
    /// An example of a response, for the documentation. Default: none.
    static var outputExample: OutputExample { get }
    /// Where ``run(_:)`` starts. Default: ``Execution/eventLoop``.
    static var execution: Execution { get }
    /// After how long the client gets an error and the action's task is cancelled; zero for never. Default: zero.
    static var timeout: Duration { get }

    /// Does the work.
    ///
    /// Called once per instance, in a task of its own that is cancelled when the client goes away.
    ///
    /// - Parameter context: Everything the action may touch.
    /// - Returns: What to answer.
    /// - Throws: Any error fails the request. An ``ActionError`` chooses message and status.
    func run(_ context: Context) async throws -> Output
}

extension Action {
    /// The type's name with a small first letter.
    public static var name: String { defaultName(of: Self.self) }
    /// The action's name.
    public static var description: String { name }
    /// No middleware besides the global ones.
    public static var middleware: [String] { [] }
    /// No paths besides those of the configuration.
    public static var routes: [Route] { [] }
    /// The action answers at its name unless it has a route.
    public static var automaticRoute: Bool { true }
    /// Every kind of connection may run the action.
    public static var blockedConnectionTypes: [String] { [] }
    /// The info level.
    public static var logLevel: LogLevel { .info }
    /// The action is documented.
    public static var toDocument: Bool { true }
    /// A file extension in the URL sets the content type.
    public static var matchExtensionMimeType: Bool { true }
    /// Actions start on the event loop.
    public static var execution: Execution { .eventLoop }
    /// No time limit.
    public static var timeout: Duration { .zero }
}

extension Action where Version == Int {
    /// Version 1.
    public static var version: Int { 1 }
}

extension Action where OutputExample == NoOutput {
    /// No example.
    public static var outputExample: NoOutput { NoOutput() }
}

/// The type's name with a small first letter: `RandomNumber` is `randomNumber`.
func defaultName(of type: Any.Type) -> String {
    // What String(describing:) answers for a type, without its search for conformances, which takes 50 times as long.
    let name = _typeName(type, qualified: false)
    return name.prefix(1).lowercased() + name.dropFirst()
}

/// What can number the versions of an action: `Int` and `String`.
public protocol ActionVersion: Sendable {
    /// The version as requests and the documentation write it.
    var versionText: String { get }
}

extension Int: ActionVersion {
    /// The number in decimal digits.
    public var versionText: String { String(self) }
}

extension String: ActionVersion {
    /// The text itself.
    public var versionText: String { self }
}

/// The output of an action that answers nothing of its own.
public struct NoOutput: Encodable, Sendable {
    /// Makes the empty output.
    public init() {}
}

/// Where an action starts.
public enum Execution: Sendable, Hashable {
    /// On the event loop that read the request. Right for everything that computes briefly or awaits.
    case eventLoop
    /// On a pool of threads. For code that blocks: synchronous database drivers, long computations.
    case threadPool
}
