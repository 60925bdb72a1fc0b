// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import CHero
internal import COpenSSL

/// Everything that the connections of one server, or of one client, share.
///
/// Unchecked: OpenSSL's contexts may be used by many threads once they are set up. Only the keys of tickets change
/// afterwards, on the event loop that makes all connections of a server.
package final class TLSContext: @unchecked Sendable {
    /// The first one makes connections; the others lend them their certificates.
    private var contexts: [OpaquePointer] = []
    private let certificates: [TLSCertificate]
    /// Names of protocols, each behind its length (RFC 7301, 3.1).
    private let protocols: [UInt8]
    let isServer: Bool
    private let verifies: Bool
    private let ticketKeySource: (any TicketKeySource)?

    /// Makes the context of a server.
    ///
    /// - Parameters:
    ///   - settings: What the configuration says.
    ///   - read: Reads a file.
    /// - Throws: ``TLSRefusal``.
    package init(server settings: TLSServerSettings, read: TLSFileReader) throws(TLSRefusal) {
        try Self.openLibrary()
        isServer = true
        verifies = settings.clientCertificates != .none
        protocols = Self.encoded(settings.protocols)
        var certificates: [TLSCertificate] = []
        for certificate in settings.certificates {
            certificates.append(try TLSCertificate(certificate, checksDates: settings.checksDates, read: read))
        }
        self.certificates = certificates
        let authorities = try Self.authorities(settings.authoritiesFile, read)
        defer { for authority in authorities { X509_free(authority) } }
        // Keys that all contexts share: a session that began with one certificate may go on with another.
        ticketKeySource = settings.hasTickets ? settings.ticketKeySource : nil
        let ticketKeys =
            ticketKeySource?.nextKeys() ?? settings.ticketKeys ?? Self.random(TLSServerSettings.ticketKeyBytes)
        for certificate in certificates {
            let context = try Self.make(TLS_server_method(), settings.minimumVersion, settings.ciphers)
            contexts.append(context)
            try install(certificate, in: context)
            setSessions(settings, ticketKeys, of: context)
            try setVerification(settings, authorities, of: context)
            setCallbacks(certificate, of: context)
        }
    }

    /// Makes the context of clients.
    ///
    /// - Throws: ``TLSRefusal``.
    package init(client settings: TLSClientSettings, read: TLSFileReader) throws(TLSRefusal) {
        try Self.openLibrary()
        isServer = false
        ticketKeySource = nil
        verifies = settings.verifies
        protocols = Self.encoded(settings.protocols)
        certificates =
            try settings.certificate.map { certificate throws(TLSRefusal) in
                [try TLSCertificate(certificate, checksDates: true, read: read)]
            } ?? []
        let authorities = try Self.authorities(settings.authoritiesFile, read)
        defer { for authority in authorities { X509_free(authority) } }
        let context = try Self.make(TLS_client_method(), settings.minimumVersion, TLSServerSettings.usualCiphers)
        contexts.append(context)
        for certificate in certificates { try install(certificate, in: context) }
        if settings.authoritiesFile == nil {
            SSL_CTX_set_default_verify_paths(context)
        } else {
            Self.trust(authorities, in: context)
        }
        SSL_CTX_set_verify(context, settings.verifies ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nil)
    }

    deinit { for context in contexts { SSL_CTX_free(context) } }

    // MARK: Setting up

    private static func openLibrary() throws(TLSRefusal) {
        guard let reason = hero_open_openssl() else { return }
        throw TLSRefusal(
            "cert", "needs OpenSSL, which cannot be used: \(String(cString: reason)) – install the package libssl3")
    }

    private static func make(
        _ method: OpaquePointer?, _ version: TLSServerSettings.Version, _ ciphers: String
    ) throws(TLSRefusal) -> OpaquePointer {
        ERR_clear_error()
        guard let context = SSL_CTX_new(method) else {
            throw TLSRefusal("secure", "cannot be had: \(TLSError.takeReason() ?? "OpenSSL gives no reason")")
        }
        hero_tls_set_defaults(context)
        _ = hero_tls_set_minimum_version(context, version == .tls13 ? TLS1_3_VERSION : TLS1_2_VERSION)
        guard SSL_CTX_set_cipher_list(context, ciphers) == 1 else {
            ERR_clear_error()
            SSL_CTX_free(context)
            throw TLSRefusal("ciphers", "names no cipher that OpenSSL knows – see `openssl ciphers -v`")
        }
        return context
    }

    private func install(_ certificate: TLSCertificate, in context: OpaquePointer) throws(TLSRefusal) {
        ERR_clear_error()
        guard certificate.install(in: context) else {
            let reason = TLSError.takeReason() ?? "no reason is known"
            throw TLSRefusal("cert", "names a certificate that OpenSSL refuses: \(reason) – make a new one")
        }
    }

    private func setSessions(_ settings: TLSServerSettings, _ ticketKeys: [UInt8], of context: OpaquePointer) {
        // Sessions with a client certificate are resumed only where they began.
        let name = Array("hero".utf8)
        SSL_CTX_set_session_id_context(context, name, UInt32(name.count))
        SSL_CTX_set_timeout(context, settings.sessionTimeout)
        if settings.hasTickets {
            _ = hero_tls_set_ticket_keys(context, ticketKeys, ticketKeys.count)
        } else {
            hero_tls_disable_tickets(context)
        }
    }

    private func setVerification(
        _ settings: TLSServerSettings, _ authorities: [OpaquePointer], of context: OpaquePointer
    ) throws(TLSRefusal) {
        guard settings.clientCertificates != .none else { return }
        guard !authorities.isEmpty else {
            throw TLSRefusal("ca", "must name the file of the authorities that sign clients' certificates")
        }
        Self.trust(authorities, in: context)
        for authority in authorities { SSL_CTX_add_client_CA(context, authority) }
        let isRequired = settings.clientCertificates == .required
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (isRequired ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nil)
    }

    private static func authorities(_ file: String?, _ read: TLSFileReader) throws(TLSRefusal) -> [OpaquePointer] {
        guard let file else { return [] }
        return try PEM.certificates(file, setting: "ca", read)
    }

    private static func trust(_ authorities: [OpaquePointer], in context: OpaquePointer) {
        let store = SSL_CTX_get_cert_store(context)
        for authority in authorities { X509_STORE_add_cert(store, authority) }
    }

    private static func encoded(_ protocols: [String]) -> [UInt8] {
        protocols.flatMap { [UInt8(truncatingIfNeeded: $0.utf8.count)] + Array($0.utf8) }
    }

    package static func random(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var generator = SystemRandomNumberGenerator()
        for index in bytes.indices { bytes[index] = UInt8.random(in: 0...255, using: &generator) }
        return bytes
    }

    // MARK: Connections

    /// - Parameter serverName: The host that a client wants to reach, which the server's certificate must be for.
    /// - Returns: A connection of OpenSSL's, for the caller to free; it must not outlive this object.
    /// - Throws: ``TLSError`` when OpenSSL makes none.
    func makeConnection(serverName: String?) throws(TLSError) -> OpaquePointer {
        ERR_clear_error()
        // A session of an earlier key begins anew, with a whole handshake.
        if let keys = ticketKeySource?.nextKeys() {
            for context in contexts { _ = hero_tls_set_ticket_keys(context, keys, keys.count) }
        }
        guard let connection = SSL_new(contexts[0]) else {
            throw TLSError(.setup, TLSError.takeReason() ?? "OpenSSL makes no connection")
        }
        guard !isServer else {
            SSL_set_accept_state(connection)
            return connection
        }
        SSL_set_connect_state(connection)
        if !protocols.isEmpty { SSL_set_alpn_protos(connection, protocols, UInt32(protocols.count)) }
        if let serverName {
            // An address is no name to be asked for, but a certificate may be for it.
            let isAddress = serverName.contains(":") || serverName.allSatisfy { $0.isNumber || $0 == "." }
            if !isAddress { _ = hero_tls_set_server_name(connection, serverName) }
            if verifies {
                let parameters = SSL_get0_param(connection)
                let isSet =
                    isAddress
                    ? X509_VERIFY_PARAM_set1_ip_asc(parameters, serverName)
                    : X509_VERIFY_PARAM_set1_host(parameters, serverName, 0)
                guard isSet == 1 else {
                    SSL_free(connection)
                    throw TLSError(.setup, "\(serverName) is no host name")
                }
            }
        }
        return connection
    }
}

// What OpenSSL asks while a client says hello.
extension TLSContext {
    private func setCallbacks(_ certificate: TLSCertificate, of context: OpaquePointer) {
        let argument = Unmanaged.passUnretained(self).toOpaque()
        hero_tls_set_server_name_callback(
            context,
            { connection, _, argument in
                guard let connection, let argument else { return SSL_TLSEXT_ERR_NOACK }
                return TLSContext.from(argument).chooseCertificate(for: connection)
            }, argument)
        SSL_CTX_set_alpn_select_cb(
            context,
            { _, chosen, count, offered, offeredCount, argument in
                guard let chosen, let count, let offered, let argument else { return SSL_TLSEXT_ERR_ALERT_FATAL }
                return TLSContext.from(argument).chooseProtocol(chosen, count, offered, offeredCount)
            }, argument)
        guard !certificate.ocsp.isEmpty else { return }
        hero_tls_set_status_callback(
            context,
            { connection, argument in
                guard let connection, let argument else { return SSL_TLSEXT_ERR_NOACK }
                let ocsp = Unmanaged<TLSCertificate>.fromOpaque(argument).takeUnretainedValue().ocsp
                return hero_tls_staple(connection, ocsp, ocsp.count) == 1 ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK
            }, Unmanaged.passUnretained(certificate).toOpaque())
    }

    private static func from(_ argument: UnsafeMutableRawPointer) -> TLSContext {
        Unmanaged<TLSContext>.fromOpaque(argument).takeUnretainedValue()
    }

    private func chooseCertificate(for connection: OpaquePointer) -> Int32 {
        guard let host = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name) else { return SSL_TLSEXT_ERR_NOACK }
        guard let position = certificates.firstIndex(where: { $0.isFor(host) }) else { return SSL_TLSEXT_ERR_NOACK }
        if position > 0 { SSL_set_SSL_CTX(connection, contexts[position]) }
        return SSL_TLSEXT_ERR_OK
    }

    private func chooseProtocol(
        _ chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>, _ count: UnsafeMutablePointer<UInt8>,
        _ offered: UnsafePointer<UInt8>, _ offeredCount: UInt32
    ) -> Int32 {
        protocols.withUnsafeBufferPointer { own in
            var found: UnsafeMutablePointer<UInt8>?
            let result = SSL_select_next_proto(
                &found, count, own.baseAddress, UInt32(own.count), offered, offeredCount)
            guard result == OPENSSL_NPN_NEGOTIATED, let found else { return SSL_TLSEXT_ERR_ALERT_FATAL }
            // Points into `own`, which lives as long as this object.
            chosen.pointee = UnsafePointer(found)
            return SSL_TLSEXT_ERR_OK
        }
    }
}
