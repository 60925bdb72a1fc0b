// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroRedis

/// The connections to Redis by role; one may serve for several.
package struct RedisClients: Sendable {
    /// Cache, locks, publishing, and bundles' own commands.
    package var client: any RedisClient
    /// Subscriptions.
    package var subscriber: any RedisClient
    /// Background jobs.
    package var tasks: any RedisClient

    package init(client: any RedisClient, subscriber: any RedisClient, tasks: any RedisClient) {
        self.client = client
        self.subscriber = subscriber
        self.tasks = tasks
    }

    package init(_ client: any RedisClient) { self.init(client: client, subscriber: client, tasks: client) }
}
