// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import HeroConfiguration
internal import HeroRuntime
internal import HeroSystem

// Unix sockets.
extension WebServerPlan {
    static func access(
        _ web: WebConfiguration, _ configuration: EffectiveConfiguration
    ) throws -> SocketAccess {
        guard let mode = UInt32(web.socketMode, radix: 8), mode <= 0o777 else {
            throw configuration.refusal(
                of: "web.socketMode",
                "must be an octal number from 0 to 0777 in quotes, such as \"0660\"; it is \(web.socketMode)")
        }
        guard let name = web.socketGroup, !name.isEmpty else { return SocketAccess(mode: mode) }
        guard let group = SystemNames.group(name) else {
            throw configuration.refusal(of: "web.socketGroup", "must be a group of this system; '\(name)' is none")
        }
        return SocketAccess(mode: mode, group: group)
    }

    static func trustedUsers(
        _ web: WebConfiguration, _ configuration: EffectiveConfiguration
    ) throws -> Set<UInt32> {
        // Whoever is one of these could change everything else, too.
        var users: Set<UInt32> = [0, geteuid()]
        for name in web.trustedUsers {
            guard let user = SystemNames.user(name) else {
                throw configuration.refusal(
                    of: "web.trustedUsers", "must list users of this system; '\(name)' is none")
            }
            users.insert(user)
        }
        return users
    }

    /// Whose word about clients is taken, as of now: whoever has opened the socket decides on its permissions.
    var proxies: TrustedProxies {
        guard case .unix(let path) = address else {
            return TrustedProxies(configuration.trustedProxies, listeningOn: address)
        }
        var status = stat()
        let isOpen = stat(path, &status) != 0 || status.st_mode & 0o002 != 0
        return TrustedProxies(
            configuration.trustedProxies, listeningOn: address, users: isOpen ? trustedUsers : nil)
    }

    var openSocketWarning: String? {
        guard case .unix = address, access.mode & 0o002 != 0, configuration.trustedUsers.isEmpty,
            configuration.trustedProxies.contains(TrustedProxies.unixSocket)
        else { return nil }
        return
            "everybody on this machine may open the web server's socket (web.socketMode: \(configuration.socketMode)):"
            + " what connections say about clients is believed of root and of this process's user only; set"
            + " web.socketMode to 0660 and web.socketGroup to the proxy's group, or list its user in web.trustedUsers"
    }
}
