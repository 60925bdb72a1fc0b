// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A command for a node of the Redis Cluster, with all that is needed to send it once more when the node redirects it or fails.
struct RoutedCommand: Sendable {
    /// What decides which node gets the command.
    enum Destination: Sendable, Hashable {
        case slot(Int, isRead: Bool)
        case anyNode
        /// This node and no other.
        case node(NodeAddress)
    }

    /// The place of its result in the caller's list.
    let position: Int
    let command: RedisCommand
    let destination: Destination
    /// Nanoseconds of the loop's clock.
    let deadline: Int
    var attempts: CommandAttempts
    /// The node that a redirection named.
    var redirected: NodeAddress?
    var isAsking = false

    init(_ command: RedisCommand, _ destination: Destination, position: Int, deadline: Int) {
        self.command = command
        self.destination = destination
        self.position = position
        self.deadline = deadline
        attempts = CommandAttempts(isRepeatable: command.isRepeatable)
    }
}
