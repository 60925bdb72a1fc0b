// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero

/// Reads one `hero_action` of a table.
struct CActionReader {
    private static let maximumInputs: UInt32 = 64
    private static let knownFlags = UInt32(HERO_ACTION_CANNOT_FAIL)

    private let file: Generation.File
    private let source: hero_action
    private let name: String
    private let inputSizeBytes: UInt32
    /// Where in the table this is, for messages.
    private let place: String

    init(
        at address: UnsafeRawPointer, position: Int, actionSizeBytes: UInt32, inputSizeBytes: UInt32,
        _ file: Generation.File
    ) throws(BundleProblem) {
        let position = "action \(position)"
        source = try hero_action.read(at: address, sizeBytes: actionSizeBytes, file, position)
        name = try CText.required(source.name, file, position, field: "name")
        place = "\(position) (\(name))"
        self.inputSizeBytes = inputSizeBytes
        self.file = file
    }

    func action() throws(BundleProblem) -> CAction {
        guard source.flags & ~Self.knownFlags == 0 else { throw .cUnknown(file, place) }
        guard let function = source.function else {
            throw .cTable(file, place, "function is NULL", expected: "a function", found: "NULL")
        }
        let result = CValueType(constant: source.result_type)
        guard result != nil || source.result_type == HERO_TYPE_NOTHING else {
            throw .cType(file, place, field: "result_type", source.result_type)
        }
        let description = try CText.optional(source.description, file, place, field: "description")
        let version = try CText.optional(source.version, file, place, field: "version")
        let reportsErrors = source.flags & UInt32(HERO_ACTION_CANNOT_FAIL) == 0
        do {
            return try CAction(
                name: name, version: version ?? "1", description: description ?? name, inputs: inputs(),
                result: result, reportsErrors: reportsErrors, function: function, release: source.release)
        } catch let problem as BundleProblem {
            throw problem
        } catch {
            throw .cTable(file, place, "\(error)")
        }
    }

    private func inputs() throws(BundleProblem) -> [CInput] {
        guard source.input_count > 0 else { return [] }
        guard let first = source.inputs, source.input_count <= Self.maximumInputs else {
            let found = source.inputs == nil ? "inputs is NULL" : "too many inputs"
            throw .cTable(
                file, place, "\(found), input_count is \(source.input_count)",
                expected: "at most \(Self.maximumInputs) inputs", found: "\(source.input_count)")
        }
        var inputs: [CInput] = []
        for position in 0..<Int(source.input_count) {
            let address = UnsafeRawPointer(first) + position * Int(inputSizeBytes)
            inputs.append(try input(at: address, position: position))
        }
        return inputs
    }

    private func input(at address: UnsafeRawPointer, position: Int) throws(BundleProblem) -> CInput {
        let position = "\(place), input \(position)"
        let source = try hero_input.read(at: address, sizeBytes: inputSizeBytes, file, position)
        let name = try CText.required(source.name, file, position, field: "name")
        let place = "\(position) (\(name))"
        guard source.flags & ~UInt32(HERO_INPUT_REQUIRED | HERO_INPUT_SECRET) == 0 else {
            throw .cUnknown(file, place)
        }
        guard let type = CValueType(constant: source.type) else {
            throw .cType(file, place, field: "type", source.type)
        }
        return CInput(
            name: name, help: try CText.optional(source.help, file, place, field: "help") ?? "", type: type,
            isRequired: source.flags & UInt32(HERO_INPUT_REQUIRED) != 0,
            isSecret: source.flags & UInt32(HERO_INPUT_SECRET) != 0,
            defaultText: try CText.optional(source.default_text, file, place, field: "default_text"))
    }
}
