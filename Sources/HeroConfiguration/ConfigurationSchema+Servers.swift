// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroSystem

// The meaning of each key is documented in config/servers/*.yml.
extension ConfigurationSchema {
    private static let milliseconds = ConfigurationType.integer(0...86_400_000, unit: "ms")
    private static let bytes = ConfigurationType.integer(1...Int.max, unit: "bytes")
    private static let size = ConfigurationType.integer(0...Int.max, unit: "bytes")
    private static let methods = ["head", "get", "post", "put", "patch", "delete"]

    static let web: [ConfigurationKey] = [
        ConfigurationKey("web.enabled", .flag, "${ENABLE_WEB_SERVER:-true}"),
        ConfigurationKey("web.port", .portOrSocket, "${PORT:-8080}"),
        ConfigurationKey("web.bindIP", .optional(.text), "::"),
        ConfigurationKey("web.socketMode", .text, "0777"),
        ConfigurationKey("web.socketGroup", .optional(.text), nil),
        ConfigurationKey("web.secure", .flag, false),
        ConfigurationKey("web.http2", .flag, true),
        ConfigurationKey("web.serverOptions.cert", .optional(.text), nil),
        ConfigurationKey("web.serverOptions.key", .optional(.text), nil),
        ConfigurationKey("web.serverOptions.passphrase", .optional(.text), nil, isSecret: true),
        ConfigurationKey("web.serverOptions.ocsp", .optional(.text), nil),
        ConfigurationKey(
            "web.serverOptions.certificates",
            .list(
                of: .object([
                    .init("cert", .text, isRequired: true), .init("key", .text), .init("passphrase", .text),
                    .init("ocsp", .text),
                ])), [], isSecret: true),
        ConfigurationKey("web.serverOptions.ca", .optional(.text), nil),
        ConfigurationKey(
            "web.serverOptions.clientCertificates", .choice(["none", "optional", "required"]), "none"),
        ConfigurationKey("web.serverOptions.minVersion", .choice(["TLSv1.2", "TLSv1.3"]), "TLSv1.2"),
        ConfigurationKey(
            "web.serverOptions.ciphers", .text,
            """
            ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:\
            ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305
            """),
        ConfigurationKey("web.serverOptions.sessionTickets", .flag, true),
        ConfigurationKey("web.serverOptions.sessionTimeout", .integer(1...604_800, unit: "seconds"), 3600),
        ConfigurationKey("web.bootAttempts", .integer(1...1000, unit: nil), 1),
        ConfigurationKey(
            "web.httpHeaders", .map(of: .optional(.text)),
            [
                "X-Powered-By": "{{serverName}}",
                "Access-Control-Allow-Origin": "*",
                "Access-Control-Allow-Methods": "HEAD, GET, POST, PUT, PATCH, DELETE, OPTIONS, TRACE",
                "Access-Control-Allow-Headers": "Content-Type",
                "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
            ]),
        ConfigurationKey("web.cors.origins", .list(of: .text), []),
        ConfigurationKey("web.cors.credentials", .flag, false),
        ConfigurationKey("web.cors.maxAge", .integer(0...86_400, unit: "seconds"), 0),
        ConfigurationKey("web.allowedRequestHosts", .optional(.list(of: .text)), "${ALLOWED_HOSTS:-}"),
        ConfigurationKey("web.trustedProxies", .list(of: .text), ["unix"]),
        ConfigurationKey("web.trustedUsers", .list(of: .text), []),
        ConfigurationKey(
            "web.proxyHeader", .choice(["x-forwarded-for", "x-real-ip", "forwarded"]), "x-forwarded-for"),
        ConfigurationKey("web.proxyProtocol", .flag, false),
        ConfigurationKey("web.health.live", .optional(.text), "/health/live"),
        ConfigurationKey("web.health.ready", .optional(.text), "/health/ready"),
        ConfigurationKey("web.health.redis", .flag, true),
        ConfigurationKey("web.trace", .flag, false),
        ConfigurationKey("web.urlPathForActions", .optional(.text), "api"),
        ConfigurationKey("web.urlPathForFiles", .optional(.text), "public"),
        ConfigurationKey("web.rootEndpointType", .choice(["api", "file"]), "file"),
        ConfigurationKey(
            "web.automaticRoutes", .list(of: .choice(methods)),
            "${AUTOMATIC_ROUTES-head,get,post,put,patch,delete}"),
        ConfigurationKey("web.flatFileCacheDuration", .integer(0...315_360_000, unit: "seconds"), 60),
        ConfigurationKey("web.enableEtag", .flag, true),
        ConfigurationKey("web.files.precompressed", .flag, true),
        ConfigurationKey("web.files.hidden", .flag, false),
        ConfigurationKey("web.files.types", .map(of: .optional(.text)), [:]),
        ConfigurationKey("web.files.cacheFor", .integer(0...3_600_000, unit: "ms"), 1000),
        ConfigurationKey("web.files.cacheBytes", .integer(0...1_073_741_824, unit: "bytes"), 8_388_608),
        ConfigurationKey("web.files.openFiles", .integer(0...100_000, unit: "files"), 128),
        ConfigurationKey("web.defaultErrorStatusCode", .integer(400...599, unit: nil), 500),
        ConfigurationKey("web.invalidParamsStatusCode", .integer(400...599, unit: nil), 422),
        ConfigurationKey("web.returnErrorCodes", .flag, true),
        ConfigurationKey("web.rejectUnreadableBodies", .flag, true),
        ConfigurationKey("web.padding", .optional(.integer(0...10, unit: "spaces")), 2, in: ["production": nil]),
        ConfigurationKey("web.metadataOptions.serverInformation", .flag, true, in: ["production": false]),
        ConfigurationKey("web.metadataOptions.requesterInformation", .flag, true, in: ["production": false]),
        ConfigurationKey("web.compress", .flag, false),
        ConfigurationKey(
            "web.compression.encodings", .list(of: .choice(["br", "gzip", "deflate"])), ["br", "gzip", "deflate"]),
        ConfigurationKey("web.compression.minimumSize", .integer(0...1_073_741_824, unit: "bytes"), 512),
        ConfigurationKey(
            "web.compression.types", .list(of: .text),
            [
                "text/*", "*+json", "*+xml", "application/json", "application/javascript", "application/xml",
                "application/yaml", "application/wasm", "application/vnd.ms-fontobject", "font/ttf", "font/otf",
                "image/bmp", "image/vnd.microsoft.icon", "image/x-icon",
            ]),
        ConfigurationKey("web.compression.gzipLevel", .integer(1...9, unit: nil), 6),
        ConfigurationKey("web.compression.brotliLevel", .integer(0...11, unit: nil), 4),
        ConfigurationKey("web.compression.backgroundSize", .integer(1024...1_048_576, unit: "bytes"), 32_768),
        ConfigurationKey("web.compression.concurrent", .integer(1...10_000, unit: "responses"), 256),
        ConfigurationKey("web.saveRawBody", .flag, false),
        ConfigurationKey("web.formOptions.uploadDir", .text, "tmp/uploads"),
        ConfigurationKey("web.formOptions.keepExtensions", .flag, false),
        ConfigurationKey("web.formOptions.multiples", .flag, false),
        ConfigurationKey("web.formOptions.hashAlgorithm", .optional(.choice(["sha1", "sha256"])), nil),
        ConfigurationKey("web.formOptions.maxFiles", .integer(0...100_000, unit: "files"), 100),
        ConfigurationKey("web.formOptions.maxFileSize", size, 209_715_200),
        ConfigurationKey("web.formOptions.maxTotalFileSize", size, 209_715_200),
        ConfigurationKey("web.formOptions.maxFields", .integer(0...100_000, unit: "fields"), 1000),
        ConfigurationKey("web.formOptions.maxFieldSize", size, 20_971_520),
        ConfigurationKey("web.formOptions.maxFieldsSize", size, 20_971_520),
        ConfigurationKey("web.formOptions.maxPartHeaderSize", .integer(256...1_048_576, unit: "bytes"), 16_384),
        ConfigurationKey("web.fingerprintOptions.cookieKey", .text, "sessionID"),
        ConfigurationKey("web.fingerprintOptions.toSetCookie", .flag, true),
        ConfigurationKey("web.fingerprintOptions.settings.path", .optional(.text), "/"),
        ConfigurationKey(
            "web.fingerprintOptions.settings.expires", .optional(.integer(0...315_360_000_000, unit: "ms")), 3_600_000),
        ConfigurationKey("web.fingerprintOptions.settings.domain", .optional(.text), nil),
        ConfigurationKey("web.fingerprintOptions.settings.httpOnly", .flag, true),
        ConfigurationKey(
            "web.fingerprintOptions.settings.sameSite", .optional(.choice(["Strict", "Lax", "None"])), "Lax"),
        ConfigurationKey("web.fingerprintOptions.settings.secure", .optional(.flag), nil),
        ConfigurationKey("web.queryParseOptions.depth", .integer(0...100, unit: "levels"), 5),
        ConfigurationKey("web.queryParseOptions.arrayLimit", .integer(0...10_000, unit: nil), 20),
        ConfigurationKey("web.queryParseOptions.parameterLimit", .integer(1...100_000, unit: "parameters"), 1000),
        ConfigurationKey("web.queryParseOptions.delimiter", .text, "&"),
        ConfigurationKey("web.limits.requestLine", .integer(512...1_048_576, unit: "bytes"), 16_384),
        ConfigurationKey("web.limits.headerCount", .integer(1...10_000, unit: "headers"), 100),
        ConfigurationKey("web.limits.headerSize", .integer(512...1_048_576, unit: "bytes"), 32_768),
        ConfigurationKey("web.limits.bodySize", bytes, 20_971_520),
        ConfigurationKey("web.limits.bodyRate", .integer(0...1_000_000_000, unit: "bytes per second"), 240),
        ConfigurationKey("web.limits.inflateRatio", .integer(1...1100, unit: nil), 200),
        ConfigurationKey("web.limits.jsonDepth", .integer(1...512, unit: "levels"), 512),
        ConfigurationKey("web.limits.jsonValues", .integer(1...Int.max, unit: "values"), 500_000),
        ConfigurationKey("web.limits.pipelinedBytes", .integer(1024...16_777_216, unit: "bytes"), 65_536),
        ConfigurationKey("web.limits.pipelinedRequests", .integer(1...10_000, unit: "requests"), 64),
        ConfigurationKey("web.limits.sendBuffer", .integer(4096...16_777_216, unit: "bytes"), 65_536),
        ConfigurationKey("web.limits.uploadBuffer", .integer(65_536...1_073_741_824, unit: "bytes"), 262_144),
        ConfigurationKey("web.limits.concurrentStreams", .integer(1...10_000, unit: "requests"), 100),
        ConfigurationKey("web.limits.requestsPerConnection", .integer(0...1_000_000_000, unit: "requests"), 100_000),
        ConfigurationKey("web.limits.connections", .integer(0...1_000_000, unit: "connections"), 10_000),
        ConfigurationKey("web.limits.connectionsPerAddress", .integer(0...1_000_000, unit: "connections"), 1000),
        ConfigurationKey("web.timeouts.handshake", milliseconds, 10_000),
        ConfigurationKey("web.timeouts.headers", milliseconds, 10_000),
        ConfigurationKey("web.timeouts.body", milliseconds, 60_000),
        ConfigurationKey("web.timeouts.keepAlive", milliseconds, 60_000),
        ConfigurationKey("web.timeouts.write", milliseconds, 60_000),
    ]

    static let websocket: [ConfigurationKey] = [
        ConfigurationKey("websocket.enabled", .flag, "${ENABLE_WEBSOCKET_SERVER:-true}")
    ]

    static let socket: [ConfigurationKey] = [
        ConfigurationKey("socket.enabled", .flag, "${ENABLE_TCP_SERVER:-false}"),
        ConfigurationKey("socket.port", .portOrSocket, 5000),
        ConfigurationKey("socket.bindIP", .optional(.text), "0.0.0.0"),
    ]
}
