// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// `config/logger.yml`.
package struct LoggerConfiguration: Decodable, Sendable {
    package struct Console: Decodable, Sendable {
        package let enabled: Bool
        package let level: String
        package let format: String
        package let color: String
    }

    package struct File: Decodable, Sendable {
        package let enabled: Bool
        package let level: String
        package let format: String
    }

    package let console: Console
    package let file: File
    package let maxLogStringLength: Int
    package let maxLogArrayLength: Int
    /// Bytes of lines that wait to be written, per destination.
    package let bufferLimit: Int
}
