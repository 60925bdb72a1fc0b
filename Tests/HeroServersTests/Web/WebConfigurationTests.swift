// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroConfiguration
import HeroRuntime
import HeroServers
import Testing

@Suite("a configuration of the web server that would never work")
struct WebConfigurationTests {
    /// What keeps the process from starting; `nil` when nothing does.
    private func refusal(_ web: JSON) throws -> String? {
        let (_, process) = try WebProcess.load(WebProcess.setup([], web: web))
        do {
            _ = try WebServerPlan(process.application)
            return nil
        } catch let error as ConfigurationRefused {
            return error.problems.map { "\($0.key): \($0.reason)" }.joined()
        }
    }

    private static let wrong: [(key: String, web: JSON)] = [
        ("allowedRequestHosts", ["allowedRequestHosts": ["www.example.com"]]),
        ("allowedRequestHosts", ["allowedRequestHosts": ["https://a.org", "https://www.example.com/"]]),
        ("allowedRequestHosts", ["allowedRequestHosts": ["https://www.example.com:443"]]),
        ("allowedRequestHosts", ["allowedRequestHosts": ["ftp://www.example.com"]]),
        ("cors.origins", ["cors": ["origins": ["*"]]]),
        ("cors.origins", ["cors": ["origins": ["https://app.example.com/"]]]),
        ("cors.origins", ["cors": ["origins": ["https://App.example.com"]]]),
        ("cors.origins", ["cors": ["origins": ["app.example.com"]]]),
        ("httpHeaders", ["httpHeaders": ["X Bad": "1"]]),
        ("httpHeaders", ["httpHeaders": ["X-Bad": "a\r\nSet-Cookie: b=c"]]),
        ("httpHeaders", ["httpHeaders": ["Content-Length": "5"]]),
        ("fingerprintOptions.cookieKey", ["fingerprintOptions": ["cookieKey": "a b;c"]]),
        ("fingerprintOptions.cookieKey", ["fingerprintOptions": ["cookieKey": ""]]),
        ("fingerprintOptions.settings.path", ["fingerprintOptions": ["settings": ["path": "/; Domain=org"]]]),
        ("queryParseOptions.delimiter", ["queryParseOptions": ["delimiter": ""]]),
        ("health.live", ["health": ["live": "live"]]),
        ("health.ready", ["health": ["live": "/health", "ready": "/health"]]),
    ]

    @Test("stops the boot, with the key", arguments: wrong)
    func refused(key: String, web: JSON) throws {
        #expect(try refusal(web)?.contains("web.\(key)") == true)
    }

    @Test(
        "is none when it is only unusual",
        arguments: [
            ["allowedRequestHosts": ["HTTPS://www.Example.com:8443", "http://[::1]:8080"]],
            ["cors": ["origins": ["null", "capacitor://localhost", "https://a.org:8443"]]],
            ["httpHeaders": ["X-Powered-By": nil, "X-Removed": false, "X-Empty": "", "Vary": "Cookie"]],
            ["health": ["live": nil, "ready": ""]],
        ] as [JSON])
    func allowed(web: JSON) throws { #expect(try refusal(web) == nil) }
}
