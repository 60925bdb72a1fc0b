// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroConfiguration
import HeroRuntime

/// Names of the modules that sources of this project become.
///
/// They begin with the project's name: bundles of two makers may be called alike, and meet in one process.
enum ModuleNames {
    /// File names of the build are made from the module's, and may have 255 bytes.
    private static let longestPrefix = 40

    /// `shop_`, or nothing for a project without a name.
    static let prefix: Result<String, ConfigurationRefused> = Result { () throws(ConfigurationRefused) in
        guard let name = try ProjectName.read(in: Project.root) else { return "" }
        let word = identifier(name.prefix(longestPrefix))
        // An identifier does not begin with a digit.
        return (word.first?.isNumber == true ? "_" : "") + word + "_"
    }

    /// `actions/billing/createInvoice.swift` of the project `shop` is the module `shop_actions_billing_createInvoice`.
    static func module(of source: String) -> String {
        // Whether the name can be read is looked at before anything is built.
        ((try? prefix.get()) ?? "") + identifier(source.dropLast(".swift".count))
    }

    static func identifier(_ text: Substring) -> String {
        String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }
}
