// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
package import HeroCore

/// What the configuration says about the web server, read before anything starts.
package struct WebServerPlan: Sendable {
    let configuration: WebConfiguration
    let routes: RoutesConfiguration

    /// - Throws: `ConfigurationRefused`.
    package init(_ application: HeroApplication) throws {
        configuration = try application.configuration.decode(WebConfiguration.self, "web")
        routes = try RoutesConfiguration(application.configuration)
        guard Self.mode(configuration.socketMode) != nil else {
            throw application.configuration.refusal(
                of: "web.socketMode",
                "must be an octal number from 0 to 0777 in quotes, such as \"0660\"; it is \(configuration.socketMode)")
        }
        if let wrong = configuration.trustedProxies.first(where: { !TrustedProxies.isReadable($0) }) {
            throw application.configuration.refusal(
                of: "web.trustedProxies",
                "must list addresses, networks such as 10.0.0.0/8, and \"unix\"; '\(wrong)' is none of these")
        }
        if configuration.proxyProtocol, configuration.trustedProxies.isEmpty {
            throw application.configuration.refusal(
                of: "web.proxyProtocol", "needs web.trustedProxies, which says whose headers are believed")
        }
        guard configuration.enabled else { return }
        for method in configuration.automaticRoutes {
            application.log.write(
                level: .info,
                message: "creating routes automatically for all actions responding to \(method.uppercased()) HTTP verb",
                data: [])
        }
        let directories = application.core.general.paths.public.enumerated().map { index, path in
            (String(index), JSON.string(ProcessSetup.absolute(path, in: application.projectRoot)))
        }
        application.log.write(
            level: .debug, message: "static files will be served from these directories", data: directories)
    }

    /// Where to listen; `nil` when there is to be no web server.
    package var listening: (address: ListenAddress, mode: UInt32)? {
        guard configuration.enabled else { return nil }
        return (ListenAddress(port: configuration.port, bindIP: configuration.bindIP), socketMode)
    }

    /// Permissions of a Unix socket.
    var socketMode: UInt32 { Self.mode(configuration.socketMode) ?? 0o777 }

    private static func mode(_ text: String) -> UInt32? {
        UInt32(text, radix: 8).flatMap { $0 <= 0o777 ? $0 : nil }
    }
}
