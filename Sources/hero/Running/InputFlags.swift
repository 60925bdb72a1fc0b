// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroBundles
import HeroSystem

/// Inputs of actions and commands as flags: `--key value`, `--key=value`, `--flag`.
enum InputFlags {
    /// - Parameters:
    ///   - arguments: Of the command line.
    ///   - inputs: What there is; `nil` where any name may be given.
    /// - Returns: Parameters as text, or `true` for a flag without a value; a flag given twice becomes a list.
    /// - Throws: ``CommandFailure`` for words that belong to no flag and flags that no input has.
    static func parse(_ arguments: [String], _ inputs: InputTable?) throws -> JSON.Object {
        var parameters = JSON.Object()
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--"), argument.count > 2 else {
                throw CommandFailure(
                    "'\(argument)' belongs to no flag: inputs are given as --name value",
                    exitCode: CommandFailure.usageExitCode)
            }
            let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            if let inputs, !inputs.hasInput(name) {
                throw CommandFailure(unknown(name, inputs), exitCode: CommandFailure.usageExitCode)
            }
            if parts.count > 1 {
                add(.string(String(parts[1])), name, to: &parameters)
            } else if let value = rest.first, !value.hasPrefix("--") {
                rest.removeFirst()
                add(.string(value), name, to: &parameters)
            } else {
                add(true, name, to: &parameters)
            }
        }
        return parameters
    }

    private static func add(_ value: JSON, _ name: String, to parameters: inout JSON.Object) {
        switch parameters[name] {
        case nil: parameters[name] = value
        case .array(let values)?: parameters[name] = .array(values + [value])
        case let first?: parameters[name] = [first, value]
        }
    }

    private static func unknown(_ name: String, _ inputs: InputTable) -> String {
        let known = inputs.names.map { "--\($0)" }.joined(separator: ", ")
        return "there is no input --\(name)" + (known.isEmpty ? "; there are none" : "; known are \(known)")
    }

    static func help(_ command: CommandNote) -> String {
        var lines = ["OVERVIEW: \(command.description)", "", "USAGE: hero \(command.name) [--input value …]"]
        if !command.example.isEmpty { lines += ["", "EXAMPLE: \(command.example)"] }
        if !command.inputs.isEmpty {
            lines += ["", "INPUTS:"]
            let names = command.inputs.map { PlainText.line("--\($0.name) <\($0.type)>") }
            let width = names.map(\.count).max() ?? 0
            for (label, input) in zip(names, command.inputs) {
                let padding = String(repeating: " ", count: width - label.count + 2)
                let fallback = input.defaultText.map { " (default: \($0))" } ?? ""
                let text = "\(input.help)\(input.isRequired ? " (required)" : fallback)"
                lines.append("  \(label)\(padding)\(PlainText.line(text))")
            }
        }
        return lines.joined(separator: "\n")
    }
}
