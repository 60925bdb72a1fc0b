// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL
internal import NIOCore

/// One connection as OpenSSL sees it: bytes in, bytes out, no network.
///
/// Used by one event loop.
final class TLSConnection {
    enum Progress {
        case done
        /// More of the peer's bytes are needed.
        case needsInput
        /// The peer will send nothing more.
        case ended
        case failed(TLSError)
    }

    private let connection: OpaquePointer
    private let incoming: OpaquePointer
    private let outgoing: OpaquePointer
    /// OpenSSL's callbacks lead to it.
    private let context: TLSContext

    /// The most that one record holds.
    static let recordBytes = 16_384

    init(_ context: TLSContext, serverName: String?) throws(TLSError) {
        self.context = context
        let connection = try context.makeConnection(serverName: serverName)
        guard let incoming = hero_tls_buffer(), let outgoing = hero_tls_buffer() else {
            SSL_free(connection)
            throw TLSError(.setup, "there is no memory for a connection")
        }
        // The connection owns both from here on.
        SSL_set_bio(connection, incoming, outgoing)
        (self.connection, self.incoming, self.outgoing) = (connection, incoming, outgoing)
    }

    deinit { SSL_free(connection) }

    /// Takes what has arrived from the peer.
    func receive(_ bytes: ByteBuffer) {
        bytes.withUnsafeReadableBytes { _ = BIO_write(incoming, $0.baseAddress, Int32($0.count)) }
    }

    func handshake() -> Progress {
        ERR_clear_error()
        let result = SSL_do_handshake(connection)
        return result == 1 ? .done : progress(result, otherwise: .handshake)
    }

    var agreement: TLSHandshake { TLSHandshake(connection) }

    /// Adds plain bytes to the buffer, as many as one record brings.
    func decrypt(into buffer: inout ByteBuffer) -> Progress {
        ERR_clear_error()
        var result: Int32 = 0
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 1024) { space in
            result = SSL_read(connection, space.baseAddress, Int32(space.count))
            return max(0, Int(result))
        }
        return result > 0 ? .done : progress(result, otherwise: .record)
    }

    /// Turns all of these bytes into records.
    func encrypt(_ bytes: UnsafeRawBufferPointer) -> Progress {
        var rest = bytes
        while !rest.isEmpty {
            ERR_clear_error()
            let result = SSL_write(connection, rest.baseAddress, Int32(min(rest.count, 1 << 30)))
            // Where the records go has room for everything, so nothing is ever left to be tried again.
            guard result > 0 else { return progress(result, otherwise: .record) }
            rest = UnsafeRawBufferPointer(rebasing: rest[Int(result)...])
        }
        return .done
    }

    /// Says that nothing more will be sent.
    func end() {
        ERR_clear_error()
        _ = SSL_shutdown(connection)
        ERR_clear_error()
    }

    /// What the peer is to get; `nil` for nothing.
    func takeOutput(_ allocator: ByteBufferAllocator) -> ByteBuffer? {
        let count = BIO_ctrl_pending(outgoing)
        guard count > 0 else { return nil }
        var output = allocator.buffer(capacity: count)
        output.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
            max(0, Int(BIO_read(outgoing, space.baseAddress, Int32(count))))
        }
        return output
    }

    private func progress(_ result: Int32, otherwise kind: TLSError.Kind) -> Progress {
        switch SSL_get_error(connection, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .needsInput
        case SSL_ERROR_ZERO_RETURN: return .ended
        default:
            let verification = SSL_get_verify_result(connection)
            var reason = TLSError.takeReason() ?? "the connection broke"
            if Int32(truncatingIfNeeded: verification) != X509_V_OK, kind == .handshake,
                let text = X509_verify_cert_error_string(verification)
            {
                reason += ": " + String(cString: text)
            }
            return .failed(TLSError(kind, reason))
        }
    }
}
