// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

/// Differences that a setting takes back.
@Suite("HTTP with the reference's settings", StoppingReplayServers())
struct ReferenceSettingsTests {
    /// Cookies as the reference has them, its status for refused inputs, its silence about unreadable bodies.
    private static let settings: JSON = [
        "automaticRoutes": ["head", "get", "post", "put", "patch", "delete"],
        "invalidParamsStatusCode": 500, "rejectUnreadableBodies": false, "trace": true, "trustedProxies": ["127.0.0.1"],
        "fingerprintOptions": ["settings": ["httpOnly": false, "sameSite": nil]],
    ]

    @Test(
        "cookies, statuses of refused inputs and unreadable bodies can be the recorded ones",
        arguments: RecordedTopics.http.filter(\.dependsOnSettings))
    func canBeTheRecordedOnes(_ recording: Recording) async throws {
        var config = recording.config
        config["ACTIONHERO_CONFIG_OVERRIDES"] = ["web": Self.settings]
        let found = try await HTTPExchange(recording).replay(config)
        #expect(found.isEmpty, "\(found.map(\.description).joined(separator: "\n"))")
    }
}

extension Recording {
    /// Cases whose only differences are those that settings take back.
    fileprivate var dependsOnSettings: Bool {
        let names = [
            "PUT randomNumber", "DELETE randomNumber", "GET cacheTest?key=ab&value=abc",
            "GET validationTest?string=hello&number=invalid", "checked ?requiredParam=x&fancy=zzz",
            "checked ?requiredParam=x&fancy=zzz&num=-1", "checked ?requiredParam=x&thrower=1",
            "malformed JSON truncated", "malformed JSON single quotes", "malformed JSON on required",
            "multipart truncated", "unsupported text/plain", "unsupported nonsense", "TRACE api",
            "client address x-forwarded-for",
            "client address xff port", "client address xff ipv6", "client address xff mapped",
        ]
        return names.contains(name)
    }
}
