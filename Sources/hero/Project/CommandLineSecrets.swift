// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import HeroConfiguration
import HeroRuntime

/// Secrets of `--set`, which everybody on the machine can read for as long as they stand in the command line of a process.
enum CommandLineSecrets {
    /// Overwrites them where the kernel reads the command line from; `CommandLine.arguments` keeps them.
    ///
    /// To be called first of all: what was there before it is called may have been seen.
    static func hide() {
        let arguments = CommandLine.arguments
        for position in arguments.indices {
            guard let pointer = CommandLine.unsafeArgv[position] else { continue }
            let isValue = position > 0 && arguments[position - 1] == "--set"
            guard let secret = secret(in: arguments[position], isValue: isValue) else { continue }
            // As bytes: Swift's text may have another length than the argument had.
            let count = strlen(pointer)
            guard secret < count else { continue }
            memset(pointer + secret, Int32(UInt8(ascii: "*")), count - secret)
        }
    }

    /// - Returns: How many bytes stand before the secret.
    static func secret(in argument: String, isValue: Bool) -> Int? {
        let flag = "--set="
        guard isValue || argument.hasPrefix(flag) else { return nil }
        let assignment = isValue ? argument[...] : argument.dropFirst(flag.count)
        guard let equals = assignment.firstIndex(of: "=") else { return nil }
        let key = assignment[..<equals].split(separator: ".").map(String.init)
        let value = String(assignment[assignment.index(after: equals)...])
        // A section as JSON may hold secrets at any depth.
        let isSecret =
            SecretText.isSecret(key) || SecretText.masked(value) != value || value.hasPrefix("{")
            || value.hasPrefix("[")
        return isSecret ? argument.utf8.distance(from: argument.utf8.startIndex, to: equals) + 1 : nil
    }
}
