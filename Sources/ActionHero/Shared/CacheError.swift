// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Why the cache did not do what it was asked for.
public struct CacheError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Kinds of errors; there may be more in later versions.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private let name: String

        /// There is no value of that key, or no longer.
        public static let notFound = Code(name: "notFound")
        /// Another owner has locked the key.
        public static let locked = Code(name: "locked")
        /// The value is of another type than asked for, or the file is no dump.
        public static let unreadable = Code(name: "unreadable")
        /// Others who compute the value took longer than the caller wanted to wait.
        public static let timedOut = Code(name: "timedOut")
        /// A computation fetches the key that it computes.
        public static let recursive = Code(name: "recursive")
        /// Without Redis: the value is larger than `redis.localCacheLimit`.
        public static let tooLarge = Code(name: "tooLarge")

        /// The name of the code.
        public var description: String { name }
    }

    /// The kind of error.
    public let code: Code
    /// What happened; `Object not found`, `Object locked` and `Object expired` as in ActionHero for Node.
    public let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
