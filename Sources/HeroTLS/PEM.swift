// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// Files in PEM form.
enum PEM {
    static func contents(_ path: String, setting: String, _ read: TLSFileReader) throws(TLSRefusal) -> [UInt8] {
        do {
            return try read(path)
        } catch {
            throw TLSRefusal(
                setting, "names a file that cannot be read: \(error) – correct the path, or let this user read the file"
            )
        }
    }

    /// - Returns: At least one certificate, for the caller to free.
    static func certificates(
        _ path: String, setting: String, _ read: TLSFileReader
    ) throws(TLSRefusal) -> [OpaquePointer] {
        let bytes = try contents(path, setting: setting, read)
        let found = withMemory(bytes) { memory in
            var found: [OpaquePointer] = []
            while let certificate = PEM_read_bio_X509(memory, nil, nil, nil) { found.append(certificate) }
            return found
        }
        // The end of the file is an error to OpenSSL.
        ERR_clear_error()
        guard !found.isEmpty else {
            throw TLSRefusal(
                setting,
                "names \(path), which holds no certificate in PEM form – convert it with `openssl x509 -inform der`")
        }
        return found
    }

    static func key(
        _ path: String, passphrase: String?, _ read: TLSFileReader
    ) throws(TLSRefusal) -> OpaquePointer {
        let bytes = try contents(path, setting: "key", read)
        ERR_clear_error()
        // Without a passphrase given, OpenSSL would ask the terminal.
        let key = withMemory(bytes) { memory in
            (passphrase ?? "").withCString {
                PEM_read_bio_PrivateKey(memory, nil, nil, UnsafeMutableRawPointer(mutating: $0))
            }
        }
        if let key { return key }
        _ = TLSError.takeReason()
        guard String(decoding: bytes, as: UTF8.self).contains("ENCRYPTED") else {
            throw TLSRefusal(
                "key", "names \(path), which holds no private key in PEM form – name the file with the key")
        }
        guard passphrase != nil else {
            throw TLSRefusal(
                "key", "names \(path), which is encrypted – set its passphrase, or decrypt it with `openssl pkey`")
        }
        throw TLSRefusal("passphrase", "does not decrypt \(path) – correct it")
    }

    private static func withMemory<T>(_ bytes: [UInt8], _ body: (OpaquePointer) -> T?) -> T? {
        bytes.withUnsafeBytes { bytes in
            guard let memory = hero_tls_memory(bytes.baseAddress, Int32(bytes.count)) else { return nil }
            defer { BIO_free(memory) }
            return body(memory)
        }
    }

    private static func withMemory(
        _ bytes: [UInt8], _ body: (OpaquePointer) -> [OpaquePointer]
    ) -> [OpaquePointer] {
        withMemory(bytes) { memory -> [OpaquePointer]? in body(memory) } ?? []
    }

    /// What OpenSSL prints.
    static func printed(_ print: (OpaquePointer) -> Void) -> String {
        guard let memory = hero_tls_buffer() else { return "" }
        defer { BIO_free(memory) }
        print(memory)
        let count = BIO_ctrl_pending(memory)
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = max(0, Int(BIO_read(memory, buffer.baseAddress, Int32(count))))
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
