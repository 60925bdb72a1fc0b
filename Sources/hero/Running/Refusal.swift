// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroBundles
import HeroConfiguration
import HeroLog
import HeroRedis

/// Turns refusals into one paragraph and exit code 78.
enum Refusal {
    static func reported<T>(log: LogRouter? = nil, _ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch {
            throw failure(error, log)
        }
    }

    /// The same for what has to be waited for.
    static func awaited<T>(log: LogRouter? = nil, _ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch {
            throw failure(error, log)
        }
    }

    private static func failure(_ error: any Error, _ log: LogRouter?) -> any Error {
        switch error {
        case is BundlesRefused, is ConfigurationRefused, is UntrustedProject, is EmbeddedFailure:
            log?.flush()
            return CommandFailure("\(error)", exitCode: SingleProcess.refusedExitCode)
        default: return error
        }
    }
}
