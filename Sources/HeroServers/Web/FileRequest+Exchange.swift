// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

extension FileRequest {
    /// - Parameter exchange: A request, whatever its method.
    init(_ exchange: WebExchange) {
        isGet = exchange.isGet
        isHead = exchange.isHead
        let head = exchange.head
        head.bytes.withUnsafeReadableBytes { bytes in
            for field in head.fields {
                guard let key = Self.key(UnsafeRawBufferPointer(rebasing: bytes[field.name])) else { continue }
                let value = String(decoding: UnsafeRawBufferPointer(rebasing: bytes[field.value]), as: UTF8.self)
                // Lines of the same name are one list; of what is no list, two values make nonsense, which counts as such.
                self[keyPath: key] = self[keyPath: key].map { "\($0), \(value)" } ?? value
            }
        }
    }

    private static func key(_ name: UnsafeRawBufferPointer) -> WritableKeyPath<FileRequest, String?>? {
        // Most headers are told apart by their length, which costs nothing.
        switch name.count {
        case 5 where ASCII.isEqual(name, to: "range"): \.range
        case 8 where ASCII.isEqual(name, to: "if-match"): \.ifMatch
        case 8 where ASCII.isEqual(name, to: "if-range"): \.ifRange
        case 13 where ASCII.isEqual(name, to: "if-none-match"): \.ifNoneMatch
        case 13 where ASCII.isEqual(name, to: "cache-control"): \.cacheControl
        case 15 where ASCII.isEqual(name, to: "accept-encoding"): \.acceptEncoding
        case 17 where ASCII.isEqual(name, to: "if-modified-since"): \.ifModifiedSince
        case 19 where ASCII.isEqual(name, to: "if-unmodified-since"): \.ifUnmodifiedSince
        default: nil
        }
    }
}
