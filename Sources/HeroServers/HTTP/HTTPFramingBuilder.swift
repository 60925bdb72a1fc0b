// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Works out where a request ends and whether another may follow, from the headers that say so (RFC 9112, 6 and 9.3).
struct HTTPFramingBuilder {
    private var hosts = 0
    private var length: Int?
    private var lengths = 0
    private var transferEncodings = 0
    private var isChunked = false
    private var wantsClose = false
    private var wantsKeepAlive = false
    private var asksForUpgrade = false
    private var expectsContinue = false

    /// - Throws: ``HTTPFault`` for values that are refused wherever they stand.
    mutating func add(_ field: HTTPRequestHead.Field, _ bytes: UnsafeRawBufferPointer) throws(HTTPFault) {
        let name = UnsafeRawBufferPointer(rebasing: bytes[field.name])
        let value = UnsafeRawBufferPointer(rebasing: bytes[field.value])
        // The length of the name rules out nearly every header with one comparison.
        switch name.count {
        case 4 where ASCII.isEqual(name, to: "host"):
            hosts += 1
            guard HTTPCharacter.isAuthority(value) else { throw .badRequest("the header Host is malformed") }
        case 6 where ASCII.isEqual(name, to: "expect"): try addExpectation(value)
        case 10 where ASCII.isEqual(name, to: "connection"): addConnection(value)
        case 14 where ASCII.isEqual(name, to: "content-length"): try addLength(value)
        case 17 where ASCII.isEqual(name, to: "transfer-encoding"): try addTransferEncoding(value)
        default: break
        }
    }

    func framing(minorVersion: Int) throws(HTTPFault) -> HTTPRequestHead.Framing {
        guard hosts == 1 || minorVersion == 0 && hosts == 0 else {
            throw .badRequest(hosts == 0 ? "the header Host is missing" : "there is more than one header Host")
        }
        if transferEncodings > 0 {
            guard lengths == 0 else { throw .badRequest("both Content-Length and Transfer-Encoding are given") }
            guard minorVersion == 1 else { throw .badRequest("HTTP/1.0 has no Transfer-Encoding") }
        }
        var framing = HTTPRequestHead.Framing()
        framing.body = isChunked ? .chunked : length.map { .length($0) } ?? .none
        framing.keepsAlive = !wantsClose && (minorVersion == 1 || wantsKeepAlive)
        // HTTP/1.0 clients do not know interim answers.
        framing.expectsContinue = expectsContinue && minorVersion == 1
        if asksForUpgrade, minorVersion == 1 { framing.upgrade = .offered }
        return framing
    }

    private mutating func addLength(_ value: UnsafeRawBufferPointer) throws(HTTPFault) {
        lengths += 1
        guard lengths == 1 else { throw .badRequest("there is more than one header Content-Length") }
        guard !value.isEmpty, value.count <= 18 else { throw .badRequest("the Content-Length is not a number") }
        var number = 0
        for byte in value {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else {
                throw .badRequest("the Content-Length is not a number")
            }
            number = number * 10 + Int(byte) - 48
        }
        length = number
    }

    private mutating func addTransferEncoding(_ value: UnsafeRawBufferPointer) throws(HTTPFault) {
        transferEncodings += 1
        guard transferEncodings == 1, ASCII.isEqual(value, to: "chunked") else {
            throw .badRequest("the only Transfer-Encoding that is understood is 'chunked', alone")
        }
        isChunked = true
    }

    private mutating func addConnection(_ value: UnsafeRawBufferPointer) {
        for option in value.split(separator: UInt8(ascii: ",")) {
            var option = option[...]
            while let first = option.first, HTTPCharacter.isBlank(first) { option.removeFirst() }
            while let last = option.last, HTTPCharacter.isBlank(last) { option.removeLast() }
            let bytes = UnsafeRawBufferPointer(rebasing: option)
            if ASCII.isEqual(bytes, to: "close") { wantsClose = true }
            if ASCII.isEqual(bytes, to: "keep-alive") { wantsKeepAlive = true }
            if ASCII.isEqual(bytes, to: "upgrade") { asksForUpgrade = true }
        }
    }

    private mutating func addExpectation(_ value: UnsafeRawBufferPointer) throws(HTTPFault) {
        guard ASCII.isEqual(value, to: "100-continue") else {
            throw HTTPFault(status: 417, reason: "the only expectation that is understood is '100-continue'")
        }
        expectsContinue = true
    }
}
