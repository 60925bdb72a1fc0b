// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

// An environment or a role that no section is called is allowed, and most often a typing error.
extension ConfigurationLoader {
    /// Environments that mean something without a section.
    private static let environments = ["development", "test", "production"]

    /// - Returns: A sentence for each name that selects nothing.
    func unknownNames() -> [String] {
        var warnings: [String] = []
        let (environment, source) = environmentChoice
        let roles = sectionNames.filter { $0.hasPrefix("role.") }.map { String($0.dropFirst("role.".count)) }
        let environments = Self.environments + sectionNames.filter { $0 != "default" && !$0.hasPrefix("role.") }
        if !environments.contains(environment) {
            warnings.append(Self.sentence(source, environment, "that", environments))
        }
        if let role, !roles.contains(role) {
            warnings.append(Self.sentence("ACTIONHERO_ROLE", role, "role.\(role)", roles))
        }
        return warnings
    }

    private static func sentence(_ source: String, _ name: String, _ section: String, _ known: [String]) -> String {
        let nearest = Spelling.nearest(to: name, among: known.sorted()).map { " – did you mean \($0)?" } ?? "."
        return "\(source) is \(name), and no section of the configuration is called \(section)\(nearest) "
            + "What `default` says is in force"
    }
}
