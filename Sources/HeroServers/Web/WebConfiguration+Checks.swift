// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroRuntime

/// What would never work, or harm each response, and shows before the first request.
extension WebConfiguration {
    /// The first problem: a key below `web`, and what is wrong there; `nil` when there is none.
    var problem: (key: String, reason: String)? {
        headerProblem.map { ("httpHeaders", $0) } ?? originProblem ?? cookieProblem ?? healthProblem ?? queryProblem
    }

    private var queryProblem: (key: String, reason: String)? {
        queryParseOptions.delimiter.isEmpty
            ? ("queryParseOptions.delimiter", "must be the text between two parameters, such as \"&\"; it is empty")
            : nil
    }

    private var headerProblem: String? {
        for (name, value) in httpHeaders {
            guard !name.isEmpty, name.utf8.allSatisfy(HTTPCharacter.isToken) else {
                return "has the header '\(name)', whose name cannot be sent"
            }
            guard let text = value.stringValue else { continue }
            if ResponseState.reservedHeaders.contains(name.lowercased()) {
                return "has \(name), which the server writes itself"
            }
            guard text.utf8.allSatisfy(HTTPCharacter.isFieldValue) else {
                return "has a line break or another control character in the value of \(name)"
            }
        }
        return nil
    }

    private var originProblem: (key: String, reason: String)? {
        for host in allowedRequestHosts ?? [] {
            let scheme = host.lowercased().prefix { $0 != ":" }
            guard scheme == "http" || scheme == "https", Self.isOrigin(host.lowercased()) else {
                // Every request would be sent there, and from there again.
                return (
                    "allowedRequestHosts",
                    "must list scheme and host, and nothing behind them, such as https://www.example.com; '\(host)' never fits"
                )
            }
        }
        for origin in cors.origins where origin != "null" && !(Self.isOrigin(origin) && origin == origin.lowercased()) {
            let reason =
                origin == "*"
                ? "cannot have '*'; without any origin web.httpHeaders says who may read responses"
                : "must list origins as browsers send them, such as https://app.example.com; '\(origin)' never fits"
            return ("cors.origins", reason)
        }
        return nil
    }

    /// Whether a browser could send the text as an origin: no path, and no port that its scheme has anyway.
    private static func isOrigin(_ text: String) -> Bool {
        guard let end = text.firstRange(of: "://") else { return false }
        let (scheme, host) = (text[..<end.lowerBound], text[end.upperBound...])
        guard !scheme.isEmpty, !host.isEmpty else { return false }
        let isPlain = host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"/?#@\\,".utf8.contains($0) }
        return isPlain && !(scheme == "https" && host.hasSuffix(":443") || scheme == "http" && host.hasSuffix(":80"))
    }

    private var cookieProblem: (key: String, reason: String)? {
        let key = fingerprintOptions.cookieKey
        guard !key.isEmpty, key.utf8.allSatisfy(HTTPCharacter.isToken) else {
            return ("fingerprintOptions.cookieKey", "must be a name that a cookie can have, not '\(key)'")
        }
        let settings = fingerprintOptions.settings
        for (name, value) in [("path", settings.path), ("domain", settings.domain)] {
            guard let value, !value.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ";") }) else {
                continue
            }
            return ("fingerprintOptions.settings.\(name)", "has a character that a cookie cannot hold")
        }
        return nil
    }

    private var healthProblem: (key: String, reason: String)? {
        for (name, path) in [("live", health.live), ("ready", health.ready)] {
            guard let path, !path.isEmpty else { continue }
            guard path.first == "/", path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "?") }) else {
                return ("health.\(name)", "must be a path that begins with a slash; '\(path)' is never asked for")
            }
        }
        guard let live = health.live, !live.isEmpty, live == health.ready else { return nil }
        return ("health.ready", "must be another path than web.health.live")
    }
}
