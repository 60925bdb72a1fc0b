// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroConfiguration
internal import HeroLog
package import HeroRuntime
internal import HeroSystem
internal import HeroTLS
package import NIOCore
internal import NIOPosix

/// What the web server's parts need to know, worked out once.
struct WebServerSettings: Sendable {
    let configuration: WebConfiguration
    let processor: ActionProcessor
    let makeReader: @Sendable () -> WebRequestReader
    let renderer: WebRenderer
    let files: StaticFileServer
    let fileCacheLimits: FileCache.Limits
    let fileOptions: FilePlan.Options
    let uploads: UploadSpool
    /// `nil` when nothing is to be packed.
    let compression: CompressionPlan?
    let compressionThreads: CompressionThreads
    let log: LogRouter
    let shortages: Shortages
    let fileNotFound: String
    let fileLogLevel: LogLevel
    /// `nil` for plain HTTP.
    let tls: TLSContext?
    let proxies: TrustedProxies
    /// Protocols with which clients may go on.
    let upgrades: [any UpgradeProtocol]

    init(
        _ application: HeroApplication, _ processor: ActionProcessor, _ plan: WebServerPlan, fileThreads: NIOThreadPool,
        compressionThreads: CompressionThreads = CompressionThreads(), upgrades: [any UpgradeProtocol] = []
    ) {
        self.upgrades = upgrades
        let configuration = plan.configuration
        let general = application.core.general
        let log = application.log
        let router = Router(
            plan.routes, automaticMethods: configuration.automaticRoutes, actions: processor.actions)
        plan.routes.warn(about: processor.actions, log)
        self.configuration = configuration
        self.processor = processor
        tls = plan.tls
        proxies = plan.proxies
        compression = configuration.compress ? CompressionPlan(configuration.compression) : nil
        self.compressionThreads = compressionThreads
        self.log = log
        shortages = Shortages(log)
        makeReader = {
            WebRequestReader(
                configuration, router: router, actions: processor.actions,
                directoryFileType: general.directoryFileType, projectRoot: application.projectRoot, log: log,
                upgrades: upgrades)
        }
        renderer = WebRenderer(
            configuration, general: general, actions: processor.actions, slot: application.boardSlot)
        let head = renderer.head
        fileOptions = FilePlan.Options(
            sendsETag: configuration.enableEtag, cacheDuration: configuration.flatFileCacheDuration)
        files = StaticFileServer(
            directories: application.core.publicDirectories(in: application.projectRoot),
            indexFile: general.directoryFileType, looksForCompressed: configuration.files.precompressed,
            findsHidden: configuration.files.hidden, types: MediaTypes(own: configuration.files.typesByExtension),
            threadPool: fileThreads,
            layOut: { head.usual(with: $0) }, options: fileOptions)
        fileCacheLimits = FileCache.Limits(
            bytes: configuration.files.cacheBytes, descriptors: configuration.files.openFiles,
            validity: .milliseconds(Int64(configuration.files.cacheFor)))
        uploads = UploadSpool(
            options: configuration.formOptions,
            directory: UploadDirectory(
                ProjectPath.absolute(configuration.formOptions.uploadDir, in: application.projectRoot),
                check: { try application.requireTrusted($0) }),
            threadPool: fileThreads, log: log, shortages: shortages)
        fileNotFound = application.core.errors.fileNotFound
        fileLogLevel = LogLevel(name: general.fileRequestLogLevel) ?? .info
    }
}

extension WebServer {
    /// Serves a channel of the caller's, as tests do with one that has no socket.
    ///
    /// Must be called on the channel's event loop.
    package static func serve(
        _ channel: any Channel, _ application: HeroApplication, _ processor: ActionProcessor,
        upgrades: [any UpgradeProtocol] = []
    ) throws {
        let plan = try WebServerPlan(application)
        let settings = WebServerSettings(
            application, processor, plan, fileThreads: .singleton, upgrades: upgrades)
        // The channel ends with its process, so the loop's entry in the directory is never taken back.
        try addHandlers(to: channel, WebLoop(settings, ProcessLoop(over: channel.eventLoop, application)))
    }

    /// - Parameters:
    ///   - channel: A new one.
    ///   - state: That of the channel's loop.
    ///   - socket: The channel's, where it has one.
    /// - Throws: `TLSError`.
    static func addHandlers(to channel: any Channel, _ state: WebLoop, socket: CInt? = nil) throws {
        let pipeline = channel.pipeline.syncOperations
        let user = socket.flatMap { state.connections.user(of: $0) }
        // A proxy says who the client is before anything else, TLS included.
        if state.connections.takesProxyHeaders { try pipeline.addHandler(ProxyProtocolHandler(state, user: user)) }
        guard let tls = state.tls else {
            return try pipeline.addHandler(WebChannelHandler(state, socket: socket, user: user))
        }
        let encryption = try TLSHandler(tls, plaintextAnswer: plaintextAnswer, allowsHalfClosure: true)
        try pipeline.addHandlers([encryption, WebChannelHandler(state, user: user)])
    }

    private static let plaintextAnswer: ByteBuffer = {
        let text = "This port speaks HTTPS: use https:// instead of http://\n"
        return ByteBuffer(
            string: "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
                + "Content-Length: \(text.utf8.count)\r\nConnection: close\r\n\r\n\(text)")
    }()
}
