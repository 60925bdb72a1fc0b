// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroBundles
import HeroConfiguration
import HeroRuntime
import HeroShared
import HeroSystem

/// The files of a configuration as they are kept with a generation, which goes on with them whatever becomes of the project's.
enum ConfigurationCopies {
    /// Copies the files of the configuration, and makes sure that the copies say what was checked.
    static func make(of application: HeroApplication, _ setup: ProcessSetup) throws -> [[ConfigurationCopy]] {
        var copies: [[ConfigurationCopy]] = []
        for directory in application.configuration.directories {
            var files: [ConfigurationCopy] = []
            for suffix in [".yml", ".yaml"] {
                for path in try DirectoryTree.files(below: "", in: directory, suffix: suffix) {
                    files.append(ConfigurationCopy(path: path, contents: try FileContents.read(directory + path)))
                }
            }
            copies.append(files)
        }
        guard try setup.makeApplication().configuration.fingerprint == application.configuration.fingerprint else {
            throw CommandFailure("the configuration changed while it was read; try again")
        }
        return copies
    }
}
