// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroConfiguration
package import HeroLog
package import HeroRuntime
package import HeroSystem
internal import HeroTLS

/// What the configuration says about the web server, read before anything starts.
package struct WebServerPlan: ServerPlan {
    package static let name = "web"

    let configuration: WebConfiguration
    let routes: RoutesConfiguration
    /// `nil` for plain HTTP.
    let tls: TLSContext?
    package let access: SocketAccess
    /// Where static files are looked for, for the log.
    private let publicDirectories: [String]
    /// Whose processes may say who the client is, over a Unix socket that everybody may open.
    let trustedUsers: Set<UInt32>

    /// - Parameters:
    ///   - application: The process.
    ///   - files: Certificates and keys; those of the project when it is `nil`.
    ///   - isPlain: Whether connections are not encrypted whatever the configuration says, as for an application's tests.
    /// - Throws: `ConfigurationRefused`, also when a certificate cannot be used.
    package init(_ application: HeroApplication, files: CompanionFiles? = nil, isPlain: Bool = false) throws {
        configuration = try application.configuration.decode(WebConfiguration.self, Self.name)
        routes = try RoutesConfiguration(application.configuration)
        access = try Self.access(configuration, application.configuration)
        trustedUsers = try Self.trustedUsers(configuration, application.configuration)
        if let wrong = configuration.trustedProxies.first(where: { !TrustedProxies.isReadable($0) }) {
            throw application.configuration.refusal(
                of: "web.trustedProxies",
                "must list addresses, networks such as 10.0.0.0/8, and \"unix\"; '\(wrong)' is none of these")
        }
        if configuration.proxyProtocol, configuration.trustedProxies.isEmpty {
            throw application.configuration.refusal(
                of: "web.proxyProtocol", "needs web.trustedProxies, which says whose headers are believed")
        }
        if let problem = configuration.problem {
            throw application.configuration.refusal(of: "web.\(problem.key)", problem.reason)
        }
        tls =
            isPlain
            ? nil
            : try Self.makeTLS(
                application, configuration, files ?? CompanionFiles(projectRoot: application.projectRoot))
        publicDirectories = application.core.publicDirectories(in: application.projectRoot)
    }

    package var name: String { Self.name }
    package var isEnabled: Bool { configuration.enabled }
    package var address: ListenAddress { ListenAddress(port: configuration.port, bindIP: configuration.bindIP) }

    package func announce(_ log: LogRouter) {
        announceAutomaticRoutes(log)
        for warning in [configuration.unknownSchemeWarning, openSocketWarning] {
            if let warning { log.write(level: .warning, message: warning, data: []) }
        }
        log.write(
            level: .debug, message: "static files will be served from these directories",
            data: publicDirectories.enumerated().map { (String($0), .string($1)) })
    }

    package func bind(_ site: ServerSite) async throws -> any HeroServer { try await WebServer.bind(self, site) }

    /// In the words of the reference, which has a line for each method.
    private func announceAutomaticRoutes(_ log: LogRouter) {
        let methods = configuration.automaticRoutes
        guard !methods.isEmpty else { return }
        log.write(
            level: .info,
            message: "creating routes automatically for all actions responding to "
                + "\(methods.map { $0.uppercased() }.joined(separator: ", ")) HTTP \(methods.count == 1 ? "verb" : "verbs")",
            data: [])
    }

    private static func makeTLS(
        _ application: HeroApplication, _ configuration: WebConfiguration, _ files: CompanionFiles
    ) throws -> TLSContext? {
        guard configuration.enabled, configuration.secure else { return nil }
        guard let certificate = configuration.serverOptions.cert else {
            throw application.configuration.refusal(
                of: "web.secure", "needs a certificate: name its file in web.serverOptions.cert")
        }
        do throws(TLSRefusal) {
            var settings = TLSServerSettings(certificate, configuration.serverOptions)
            // A certificate that expires while a generation serves must not keep a crashed worker from being replaced.
            settings.checksDates = !files.isFrozen
            if configuration.http2 { settings.protocols = ["h2", "http/1.1"] }
            settings.ticketKeySource = TicketKeys(application.board?.board.ticketSeed() ?? TicketSeed())
            return try TLSContext(server: settings) { try files.read($0) }
        } catch {
            let key = "web.serverOptions.\(error.setting)"
            throw application.configuration.refusal(of: key, error.reason)
        }
    }
}

extension TLSServerSettings {
    fileprivate init(_ cert: String, _ options: WebConfiguration.ServerOptions) {
        self.init(
            certificates: [
                Certificate(
                    certificateFile: cert, keyFile: options.key ?? cert, passphrase: options.passphrase,
                    ocspFile: options.ocsp)
            ]
                + options.certificates.map {
                    Certificate(
                        certificateFile: $0.cert, keyFile: $0.key ?? $0.cert, passphrase: $0.passphrase,
                        ocspFile: $0.ocsp)
                })
        clientCertificates = options.clientCertificates
        authoritiesFile = options.ca
        minimumVersion = options.minVersion
        ciphers = options.ciphers
        hasTickets = options.sessionTickets
        sessionTimeout = options.sessionTimeout
    }
}
