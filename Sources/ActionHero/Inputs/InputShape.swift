// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// What kind of value a type takes.
struct InputShape {
    let text: String
    let objectType: (any InputObject.Type)?
    /// One uploaded file, or a list of them.
    let isUpload: Bool

    init(of type: Any.Type) {
        switch type {
        case let wrapper as any ElementType.Type:
            let element = InputShape(of: wrapper.element)
            text = wrapper.describe(element.text)
            objectType = element.objectType
            isUpload = element.isUpload
        case let object as any InputObject.Type:
            text = "object"
            objectType = object
            isUpload = false
        default:
            text = Self.scalarText(type)
            objectType = nil
            isUpload = type == UploadedFile.self
        }
    }

    private static func scalarText(_ type: Any.Type) -> String {
        switch type {
        case is String.Type: "text"
        case is Bool.Type: "true or false"
        case is any FixedWidthInteger.Type: "whole number"
        case is any BinaryFloatingPoint.Type: "number"
        case is JSON.Type: "any JSON"
        case is UploadedFile.Type: "uploaded file"
        case let enumeration as any CaseIterable.Type: Self.cases(enumeration) ?? "\(type)"
        default: "\(type)"
        }
    }

    private static func cases<E: CaseIterable>(_ type: E.Type) -> String? {
        let values = type.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue }
        return values.isEmpty ? nil : "one of " + values.map { "\($0)" }.joined(separator: ", ")
    }
}

private protocol ElementType {
    static var element: Any.Type { get }
    static func describe(_ element: String) -> String
}

extension Optional: ElementType {
    fileprivate static var element: Any.Type { Wrapped.self }
    fileprivate static func describe(_ element: String) -> String { element }
}

extension Array: ElementType {
    fileprivate static var element: Any.Type { Element.self }
    fileprivate static func describe(_ element: String) -> String { "list of \(element)" }
}

extension Dictionary: ElementType where Key == String {
    fileprivate static var element: Any.Type { Value.self }
    fileprivate static func describe(_ element: String) -> String { "\(element) by name" }
}
