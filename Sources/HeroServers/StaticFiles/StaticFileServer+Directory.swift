// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

extension StaticFileServer {
    /// The same with one directory, out of which no path leads.
    func serving(_ directory: String) -> StaticFileServer {
        StaticFileServer(directories: [directory], indexFile: indexFile, threadPool: threadPool)
    }
}
