// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import Glibc
internal import HeroSystem

/// Something of a project belongs to somebody whom the caller has not said to trust, or may be written by others.
package struct UntrustedProject: Error, Sendable, CustomStringConvertible {
    enum Reason: Sendable, Equatable {
        case owner(UInt32)
        /// With the mode.
        case everybody(UInt32)
        /// With the mode.
        case group(UInt32, UInt32)
    }

    let root: String
    let path: String
    let caller: UInt32
    let reason: Reason

    package var description: String {
        "\(finding): nothing of this project is loaded, run, changed or signalled.\n\(remedy)\(ignored)"
    }

    private var finding: String {
        let path = PlainText.line(path)
        switch reason {
        case .owner(let owner):
            return "\(path) belongs to the user \(owner), neither to you (user \(caller)) nor to root"
        case .everybody(let mode): return "\(path) can be written by everybody (mode 0\(String(mode, radix: 8)))"
        case .group(let group, let mode):
            return "\(path) can be written by the group \(group) (mode 0\(String(mode, radix: 8)))"
        }
    }

    private var remedy: String {
        let root = PlainText.line(root)
        let safe =
            "set HERO_SAFE_DIRECTORY=\(root), or add the line \(root) to ~/.config/hero/safe-directories "
            + "(see docs/security.md)."
        switch reason {
        case .owner: return "If you trust whoever owns it, \(safe)"
        case .everybody, .group:
            let who = if case .group = reason { "g" } else { "o" }
            return "Take that away (chmod \(who)-w \(PlainText.line(path))), or, if you trust all of them, \(safe)"
        }
    }

    /// Words for a user who has set the variable and thinks that this settles it.
    private var ignored: String {
        let ignored = SafeDirectories.ignored
        guard !ignored.isEmpty else { return "" }
        let list = ignored.map { "'\(PlainText.line($0))'" }.joined(separator: ", ")
        return "\nHERO_SAFE_DIRECTORY names \(list), which does not count: only whole paths, from /, and * do."
    }
}
