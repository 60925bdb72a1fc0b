// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// A certificate with its chain and its key, read and checked.
///
/// Unchecked: OpenSSL counts the references to its objects with atomics, and nothing changes these once they are read.
final class TLSCertificate: @unchecked Sendable {
    let certificate: OpaquePointer
    let chain: [OpaquePointer]
    let key: OpaquePointer
    /// The authority's statement about the certificate, in DER.
    let ocsp: [UInt8]

    /// - Parameters:
    ///   - settings: The files.
    ///   - checksDates: Whether a certificate that is not valid today is refused.
    ///   - read: Reads a file.
    /// - Throws: ``TLSRefusal``.
    init(
        _ settings: TLSServerSettings.Certificate, checksDates: Bool, read: TLSFileReader
    ) throws(TLSRefusal) {
        if let file = settings.ocspFile {
            ocsp = try PEM.contents(file, setting: "ocsp", read)
        } else {
            ocsp = []
        }
        let certificates = try PEM.certificates(settings.certificateFile, setting: "cert", read)
        do throws(TLSRefusal) {
            key = try PEM.key(settings.keyFile, passphrase: settings.passphrase, read)
        } catch {
            for certificate in certificates { X509_free(certificate) }
            throw error
        }
        certificate = certificates[0]
        chain = Array(certificates.dropFirst())
        try check(settings, checksDates: checksDates)
    }

    deinit {
        X509_free(certificate)
        for certificate in chain { X509_free(certificate) }
        EVP_PKEY_free(key)
    }

    private func check(_ settings: TLSServerSettings.Certificate, checksDates: Bool) throws(TLSRefusal) {
        let file = settings.certificateFile
        ERR_clear_error()
        guard X509_check_private_key(certificate, key) == 1 else {
            ERR_clear_error()
            throw TLSRefusal(
                "key",
                "names \(settings.keyFile), which is not the key of the certificate in \(file) – "
                    + "name the two that were made together"
            )
        }
        for certificate in [certificate] + chain {
            if checksDates { try Self.checkDates(certificate, file) }
            try Self.checkStrength(certificate, file)
        }
        if settings.ocspFile != nil { try checkOCSP(settings.ocspFile ?? "") }
    }

    private static func checkDates(_ certificate: OpaquePointer, _ file: String) throws(TLSRefusal) {
        let name = TLSPeerCertificate.subject(of: certificate)
        if let end = X509_get0_notAfter(certificate), X509_cmp_current_time(end) < 0 {
            throw TLSRefusal("cert", "names \(file), whose certificate for \(name) expired on \(text(end)) – renew it")
        }
        if let begin = X509_get0_notBefore(certificate), X509_cmp_current_time(begin) > 0 {
            throw TLSRefusal(
                "cert",
                "names \(file), whose certificate for \(name) is not valid before \(text(begin)) – "
                    + "wait until then, or set this machine's clock"
            )
        }
    }

    private static func text(_ time: UnsafePointer<ASN1_TIME>) -> String {
        PEM.printed { ASN1_TIME_print($0, time) }
    }

    /// Below 112 bits of security (RSA with less than 2048 bits) a key can be broken by who has money.
    private static func checkStrength(_ certificate: OpaquePointer, _ file: String) throws(TLSRefusal) {
        guard let key = X509_get0_pubkey(certificate) else {
            throw TLSRefusal("cert", "names \(file), whose certificate has a key of an unknown kind – use RSA or ECDSA")
        }
        guard EVP_PKEY_get_security_bits(key) >= 112 else {
            let name = TLSPeerCertificate.subject(of: certificate)
            throw TLSRefusal(
                "cert",
                "names \(file), whose certificate for \(name) has a weak key of \(EVP_PKEY_get_bits(key)) bits – "
                    + "make one with RSA of 2048 bits or more, or with ECDSA"
            )
        }
    }

    private func checkOCSP(_ file: String) throws(TLSRefusal) {
        let response = ocsp.withUnsafeBufferPointer { bytes -> OpaquePointer? in
            var start = bytes.baseAddress
            return d2i_OCSP_RESPONSE(nil, &start, bytes.count)
        }
        defer { OCSP_RESPONSE_free(response) }
        guard let response, OCSP_response_status(response) == OCSP_RESPONSE_STATUS_SUCCESSFUL else {
            ERR_clear_error()
            throw TLSRefusal(
                "ocsp",
                "names \(file), which holds no successful OCSP response in DER form – "
                    + "fetch it again with `openssl ocsp -respout`"
            )
        }
    }

    /// Whether a client that asks for this host is to get this certificate.
    func isFor(_ host: UnsafePointer<CChar>) -> Bool { X509_check_host(certificate, host, 0, 0, nil) == 1 }

    func install(in context: OpaquePointer) -> Bool {
        guard SSL_CTX_use_certificate(context, certificate) == 1 else { return false }
        for certificate in chain where hero_tls_add_chain_certificate(context, certificate) != 1 { return false }
        return SSL_CTX_use_PrivateKey(context, key) == 1
    }
}

/// Reads a file whole.
package typealias TLSFileReader = (_ path: String) throws -> [UInt8]
