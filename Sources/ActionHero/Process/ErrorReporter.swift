// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Takes what goes wrong to whoever collects errors: a service, a database, a chat.
///
/// An initializer of the application or of a plugin registers it with ``Errors/add(_:)``. What it does is outside of what
/// it reports: a reporter that fails, hangs or is too slow loses reports, and nothing else.
public protocol ErrorReporter: Sendable {
    /// What the log calls it. Default: the type's name with a small first letter.
    static var name: String { get }

    /// Takes one report.
    ///
    /// Called on a thread of the reporter's own, so it may block, one report after the other. Reports that come meanwhile
    /// wait, up to 256 of them; more are dropped and counted in the log. The task is cancelled after 30 seconds.
    ///
    /// - Parameter report: What has gone wrong; secrets are hidden as in the log.
    /// - Throws: Any error is logged; the report is lost.
    func report(_ report: ErrorReport) async throws
}

extension ErrorReporter {
    /// The type's name with a small first letter.
    public static var name: String { defaultName(of: Self.self) }
}

/// The way to those who collect errors.
public struct Errors: Sendable {
    private let host: any ErrorHost

    package init(host: any ErrorHost) { self.host = host }

    /// Registers a reporter, which gets all reports of this process from now on.
    ///
    /// - Parameter reporter: Kept as long as the process runs; 16 may be registered, more are refused in the log.
    public func add<Reporter: ErrorReporter>(_ reporter: Reporter) { host.add(reporter, name: Reporter.name) }

    /// Reports an error that somebody has caught.
    ///
    /// What actions, initializers and servers throw is reported without this. Returns at once, and does nothing as long as
    /// no reporter is registered.
    ///
    /// - Parameters:
    ///   - error: What has gone wrong.
    ///   - kind: Where it did.
    ///   - name: Of the job, the service, the part that failed.
    ///   - severity: How bad it is.
    ///   - parameters: What it was working on; hidden and shortened as in the log.
    public func report(
        _ error: any Error, kind: ErrorReport.Kind = .application, name: String, severity: LogLevel = .error,
        parameters: JSON.Object = [:]
    ) {
        host.report(error, kind: kind, name: name, severity: severity, parameters: parameters)
    }
}
