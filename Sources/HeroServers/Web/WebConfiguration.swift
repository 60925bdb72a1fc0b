// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroRuntime
internal import HeroSystem
internal import HeroTLS

/// `config/servers/web.yml`; what each key means is documented there.
struct WebConfiguration: Decodable, Sendable {
    struct Metadata: Decodable, Sendable {
        let serverInformation: Bool
        let requesterInformation: Bool
    }

    struct FingerprintSettings: Decodable, Sendable {
        let path: String?
        /// Milliseconds.
        let expires: Int?
        let domain: String?
        let httpOnly: Bool
        let sameSite: String?
        /// `nil` for what the client speaks.
        let secure: Bool?
    }

    struct Fingerprint: Decodable, Sendable {
        let cookieKey: String
        let toSetCookie: Bool
        let settings: FingerprintSettings
    }

    struct Limits: Decodable, Sendable {
        let requestLine: Int
        let headerCount: Int
        let headerSize: Int
        let bodySize: Int
        /// Bytes a second, on average; 0 for no limit.
        let bodyRate: Int
        /// Unpacked bytes per packed byte.
        let inflateRatio: Int
        let jsonDepth: Int
        let jsonValues: Int
        let pipelinedBytes: Int
        /// Requests of one connection that are answered before others get their turn.
        let pipelinedRequests: Int
        /// Bytes of a response that wait for the client.
        let sendBuffer: Int
        /// Bytes of an upload that wait for the disk.
        let uploadBuffer: Int
        /// Requests of one connection of HTTP/2 at a time.
        let concurrentStreams: Int
        /// 0 for no limit.
        let requestsPerConnection: Int
        /// 0 for no limit.
        let connections: Int
        /// 0 for no limit.
        let connectionsPerAddress: Int
    }

    /// How public files are found and sent.
    struct Files: Decodable, Sendable {
        let precompressed: Bool
        let hidden: Bool
        let types: JSON.Object
        /// Milliseconds.
        let cacheFor: Int
        let cacheBytes: Int
        let openFiles: Int

        var typesByExtension: [String: String] {
            Dictionary(types.compactMap { name, type in type.stringValue.map { (name.lowercased(), $0) } }) { $1 }
        }
    }

    /// Which responses are packed, and how; `web.compress` switches it on.
    struct Compression: Decodable, Sendable {
        let encodings: [ContentEncoding]
        /// Bytes.
        let minimumSize: Int
        let types: [String]
        let gzipLevel: Int
        let brotliLevel: Int
        /// Bytes.
        let backgroundSize: Int
        let concurrent: Int
    }

    struct CrossOrigin: Decodable, Sendable {
        let origins: [String]
        let credentials: Bool
        /// Seconds.
        let maxAge: Int
    }

    struct Health: Decodable, Sendable {
        let live: String?
        let ready: String?
    }

    /// Milliseconds; 0 for none.
    struct Timeouts: Decodable, Sendable {
        let handshake: Int
        let headers: Int
        let body: Int
        let keepAlive: Int
        let write: Int
    }

    /// Certificates and what else TLS needs; the paths are relative to the project.
    struct ServerOptions: Decodable, Sendable {
        struct Certificate: Decodable, Sendable {
            let key: String?
            let cert: String
            let passphrase: String?
            let ocsp: String?
        }

        let key: String?
        let cert: String?
        let passphrase: String?
        let ocsp: String?
        let certificates: [Certificate]
        let ca: String?
        let clientCertificates: TLSServerSettings.ClientCertificates
        let minVersion: TLSServerSettings.Version
        let ciphers: String
        let sessionTickets: Bool
        /// Seconds.
        let sessionTimeout: Int
    }

    let enabled: Bool
    let secure: Bool
    /// Whether clients may speak HTTP/2.
    let http2: Bool
    let serverOptions: ServerOptions
    let port: ListenAddress.Port
    let bindIP: String?
    /// Permissions of a Unix socket, octal.
    let socketMode: String
    /// The group of a Unix socket, by name or number.
    let socketGroup: String?
    let bootAttempts: Int
    let httpHeaders: JSON.Object
    let cors: CrossOrigin
    let allowedRequestHosts: [String]?
    let trustedProxies: [String]
    /// Names or numbers.
    let trustedUsers: [String]
    let proxyHeader: ForwardedRequest.Header
    let proxyProtocol: Bool
    let health: Health
    let trace: Bool
    let urlPathForActions: String?
    let urlPathForFiles: String?
    let rootEndpointType: String
    let automaticRoutes: [String]
    /// Seconds.
    let flatFileCacheDuration: Int
    let enableEtag: Bool
    let files: Files
    let defaultErrorStatusCode: Int
    let invalidParamsStatusCode: Int
    let returnErrorCodes: Bool
    let rejectUnreadableBodies: Bool
    let padding: Int?
    let metadataOptions: Metadata
    let compress: Bool
    let compression: Compression
    let saveRawBody: Bool
    let formOptions: FormOptions
    let fingerprintOptions: Fingerprint
    let queryParseOptions: QueryString.Options
    let limits: Limits
    let timeouts: Timeouts
}

extension WebConfiguration {
    var bodyLimits: BodyLimits {
        BodyLimits(
            bodySize: limits.bodySize, inflateRatio: limits.inflateRatio,
            json: JSONLimits(depth: limits.jsonDepth, values: limits.jsonValues), form: formOptions,
            uploadBuffer: limits.uploadBuffer)
    }
}

/// The web server cannot be started.
package struct WebServerError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
