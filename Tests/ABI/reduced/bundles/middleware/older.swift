// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero

struct OlderMiddleware: ActionMiddleware {
    static let isGlobal = true
    func before(_ context: Context) async throws { context.response.setHeader("X-Old-Before", context.actionName) }
}
