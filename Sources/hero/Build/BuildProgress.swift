// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Glibc
import HeroSystem

/// Shows how a build goes: one line that changes on a terminal, a line per file elsewhere.
final class BuildProgress {
    private let isTerminal = isatty(STDOUT_FILENO) == 1
    private var total = 0
    private var done = 0
    private var built = 0
    private var failed = 0

    /// Whether anything was compiled and linked.
    var hasBuilt: Bool { built > 0 }

    func begin(_ count: Int) {
        total = count
        show(nil)
    }

    func report(_ source: String, _ outcome: BundleBuilder.Outcome) {
        done += 1
        switch outcome {
        case .upToDate: show(nil)
        case .built(let diagnostics):
            built += 1
            clear()
            if !isTerminal { Terminal.print("built \(PlainText.line(source))") }
            write(diagnostics)
            show(source)
        case .failed(let diagnostics):
            failed += 1
            clear()
            if !isTerminal { Terminal.print("failed \(PlainText.line(source))") }
            write(diagnostics)
            show(source)
        }
    }

    func end() {
        clear()
        let failures = failed > 0 ? ", \(failed) failed" : ""
        Terminal.print("\(total) bundles: \(built) built, \(done - built - failed) up to date\(failures)")
    }

    private func show(_ source: String?) {
        guard isTerminal, total > 0 else { return }
        Terminal.show("\r\u{1B}[K[\(done)/\(total)] \(PlainText.line(source ?? ""))")
    }

    private func clear() {
        if isTerminal { Terminal.show("\r\u{1B}[K") }
    }

    /// The compiler's words go out as they came in.
    private func write(_ diagnostics: [UInt8]) {
        Terminal.error(diagnostics)
    }
}
