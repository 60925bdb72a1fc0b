// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import HeroBundles
package import HeroConfiguration
internal import Synchronization

// A fresh clone has no bundles, and an edited source runs only when it was built.
extension HeroApplication {
    /// - Parameter files: The bundles that are about to run.
    /// - Returns: What deserves a warning: sources that have no bundle, have changed since or have gone.
    package func unbuilt(_ files: [Generation.File]) -> [String] {
        // Directories that cannot be read have been refused when their bundles were looked for.
        (try? BuildState(projectRoot: projectRoot, files: files))?.warnings ?? []
    }

    /// - Parameter warnings: What ``unbuilt(_:)`` returned.
    /// - Throws: ``ConfigurationRefused`` with them, where `general.requireBuilt` says so.
    package func requireBuilt(_ warnings: [String]) throws(ConfigurationRefused) {
        guard core.general.requireBuilt, !warnings.isEmpty else { return }
        throw configuration.refusal(of: "general.requireBuilt", "is true, and " + warnings.joined(separator: "; and "))
    }
}

/// What a developer may have forgotten who asks for an action that is not there.
///
/// Looked up when it is asked for, because sources change while a process runs.
final class BuildHint: Sendable {
    private static let secondsBetween = 1

    private let projectRoot: String
    private let files: [Generation.File]
    private let latest = Mutex<(text: String?, readAt: ContinuousClock.Instant)?>(nil)

    /// There is none outside of development: clients are not told about files.
    ///
    /// - Parameters:
    ///   - application: Says where the project is.
    ///   - files: All that were loaded, libraries too.
    init?(_ application: HeroApplication, _ files: [Generation.File]) {
        guard application.configuration.environment == "development" else { return nil }
        projectRoot = application.projectRoot
        self.files = files
    }

    /// Reads the sources, at most once a second.
    var text: String? {
        latest.withLock { latest in
            let now = ContinuousClock.now
            if let latest, latest.readAt.duration(to: now) < .seconds(Self.secondsBetween) { return latest.text }
            let text = (try? BuildState(projectRoot: projectRoot, files: files))?.hint
            latest = (text, now)
            return text
        }
    }
}
