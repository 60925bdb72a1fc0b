// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// `web.formOptions`; what each key means is documented in `config/servers/web.yml`.
struct FormOptions: Decodable, Sendable {
    enum HashAlgorithm: String, Decodable {
        case sha1, sha256
    }

    let uploadDir: String
    let keepExtensions: Bool
    let multiples: Bool
    let hashAlgorithm: HashAlgorithm?
    let maxFiles: Int
    /// Bytes, as everything that is a size.
    let maxFileSize: Int
    let maxTotalFileSize: Int
    let maxFields: Int
    let maxFieldSize: Int
    let maxFieldsSize: Int
    let maxPartHeaderSize: Int

    /// The most that a form within the limits can have, headers and boundaries included.
    var requestBytes: Int {
        let parts = maxFiles.addingClamped(maxFields).addingClamped(2)
        return maxTotalFileSize.addingClamped(maxFieldsSize)
            .addingClamped(parts.multiplyingClamped(maxPartHeaderSize.addingClamped(80)))
    }
}

extension Int {
    func addingClamped(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    func multiplyingClamped(_ other: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
