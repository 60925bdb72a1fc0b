// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroBundles
package import HeroRuntime

/// What is wrong with the routes that actions bring, beside those of the configuration.
package enum RouteCheck {
    /// For every process that registers actions, whether or not it serves.
    ///
    /// - Parameters:
    ///   - application: The process.
    ///   - actions: All of them.
    /// - Returns: Routes that cannot be used or reached.
    /// - Throws: `ConfigurationRefused` for those of the configuration.
    package static func problems(
        _ application: HeroApplication, _ actions: ActionRegistry
    ) throws -> [BundleProblem] {
        var router = Router()
        for (method, route) in try RoutesConfiguration(application.configuration).routes {
            _ = router.add(route, methods: Router.methods(method))
        }
        return router.add(actions)
    }
}
