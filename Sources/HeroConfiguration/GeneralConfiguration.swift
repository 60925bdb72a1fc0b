// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero

/// `config/api.yml`; what each key means is documented there.
package struct GeneralConfiguration: Decodable, Sendable {
    package struct Paths: Decodable, Sendable {
        package let `public`: [String]
        package let pid: String
        package let log: String
    }

    /// What files of others may take.
    package struct Bundles: Decodable, Sendable {
        /// Bytes.
        package let maximumSize: Int
        /// Milliseconds.
        package let checkTimeout: Int
        /// Bytes.
        package let checkMemory: Int
        /// Bytes; half of the machine's memory when it is `nil`.
        package let candidateMemory: Int?
    }

    package let apiVersion: String
    package let serverName: String
    package let id: String?
    package let serverToken: String
    package let cachePrefix: String
    package let lockPrefix: String
    /// Milliseconds.
    package let lockDuration: Int
    package let channel: String
    /// Milliseconds.
    package let rpcTimeout: Int
    package let rpcMaximumCalls: Int
    /// Bytes.
    package let rpcMaximumMessage: Int
    /// Bytes of messages that wait for a client.
    package let maximumOutbox: Int
    package let simultaneousActions: Int
    package let disableParamScrubbing: Bool
    package let missingParamChecks: [JSON]
    package let enableResponseLogging: Bool
    package let filteredNames: [String]
    package let filteredParams: [String]
    package let filteredResponse: [String]
    package let directoryFileType: String
    package let fileRequestLogLevel: String
    package let defaultMiddlewarePriority: Int
    package let cliIncludeInternal: Bool
    package let threadPoolSize: Int
    package let threadPoolQueueLimit: Int
    /// Milliseconds.
    package let eventLoopBlockedAfter: Int
    package let keepGenerations: Int
    package let bundles: Bundles
    package let requireBuilt: Bool
    package let rateLimit: RateLimitConfiguration
    package let paths: Paths
}
