// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import CHero

/// The arguments of one call in memory that lives as long as the call.
struct CArguments {
    /// One argument each, in its lowest bytes.
    ///
    /// Both supported architectures are little-endian, so the address of a slot is
    /// the address of the value, however small.
    private var slots: [UInt64] = []
    /// All texts, each with a zero byte behind it: one allocation instead of one per text.
    private var texts: [UInt8] = []
    /// Which slots are to hold the address of a text, and where in `texts` it begins.
    private var references: [(slot: Int, offset: Int)] = []

    /// - Parameters:
    ///   - values: Of the given types; `nil` for NULL.
    ///   - types: As many.
    init(_ values: [JSON?], _ types: [CValueType]) {
        slots.reserveCapacity(types.count + 1)
        for (value, type) in zip(values, types) { append(value, type) }
    }

    private mutating func append(_ value: JSON?, _ type: CValueType) {
        switch type {
        case .boolean: slots.append(value == .bool(true) ? 1 : 0)
        case .int32, .uint32, .int64: slots.append(UInt64(bitPattern: Int64(value?.intValue ?? 0)))
        case .double: slots.append((value?.doubleValue ?? 0).bitPattern)
        case .text: append(text: value?.stringValue)
        case .json: append(text: value.map { $0.text() })
        }
    }

    private mutating func append(text: String?) {
        if let text {
            references.append((slots.count, texts.count))
            texts += text.utf8
            texts.append(0)
        }
        slots.append(0)
    }

    /// - Parameters:
    ///   - error: A further argument, if not `nil`.
    ///   - body: Gets an address per argument, valid while it runs.
    func withPointers(
        error: UnsafeMutablePointer<hero_error>?, _ body: (UnsafeMutablePointer<UnsafeMutableRawPointer?>?) -> Void
    ) {
        var slots = slots
        if let error { slots.append(UInt64(UInt(bitPattern: error))) }
        texts.withUnsafeBytes { texts in
            for (slot, offset) in references {
                slots[slot] = UInt64(UInt(bitPattern: texts.baseAddress.map { $0 + offset }))
            }
            slots.withUnsafeMutableBytes { slots in
                var pointers = stride(from: 0, to: slots.count, by: 8).map { offset in
                    slots.baseAddress.map { $0 + offset }
                }
                pointers.withUnsafeMutableBufferPointer { body($0.baseAddress) }
            }
        }
    }
}
