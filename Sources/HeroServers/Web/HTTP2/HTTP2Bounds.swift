// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP2

/// The bounds of a connection of HTTP/2.
enum HTTP2Bounds {
    /// Bytes of a request's body that may be on their way before the server has asked for more.
    static let streamWindowBytes = 131_072
    /// The same for all requests of a connection together.
    static let connectionWindowBytes = 1_048_576
    /// Streams that a client may reset within half a minute (CVE-2023-44487), and errors that it may make.
    static let resets = 200
    /// Frames within half a minute that carry nothing of a request: PING, SETTINGS, PRIORITY.
    static let controlFrames = 1000
    /// Files that the responses of a connection may have open at a time; further ones wait for these.
    static let openFiles = 32
    /// Bytes of all responses of a connection that wait for the client or the socket before no more of files is read.
    static let fileBytes = 1_048_576
    /// Bytes that wait before no further request is answered: responses that are no files cannot be made to wait.
    static let outputBytes = 16_777_216
    /// Frames of a body with less than ``smallFrameBytes`` within half a minute: each costs as much as one with 16 KB.
    static let smallFrames = 1000
    static let smallFrameBytes = 64

    /// - Parameters:
    ///   - limits: Those of `web.limits`.
    ///   - streams: How many requests there may be at a time.
    ///   - upgrades: Whether there are protocols with which clients may go on.
    /// - Returns: What the connection is to keep to.
    static func connection(
        _ limits: HTTPRequestParser.Limits, streams: Int, upgrades: Bool
    ) -> NIOHTTP2Handler.ConnectionConfiguration {
        var configuration = NIOHTTP2Handler.ConnectionConfiguration()
        // Each field counts 32 bytes more than its text there (RFC 9113, 6.5.2). Requests that exceed the limits by a
        // little are answered; only what exceeds this ends the connection.
        let list = limits.requestLineBytes + limits.headerBytes + 32 * (limits.headerCount + 8)
        configuration.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: streams),
            HTTP2Setting(parameter: .maxHeaderListSize, value: list),
            HTTP2Setting(parameter: .initialWindowSize, value: streamWindowBytes),
        ]
        if upgrades {
            configuration.initialSettings.append(HTTP2Setting(parameter: .enableConnectProtocol, value: 1))
        }
        configuration.maximumSequentialEmptyDataFrames = 10
        configuration.maximumBufferedControlFrames = 2 * controlFrames
        configuration.maximumRecentlyResetStreams = streams + resets
        configuration.maximumSequentialContinuationFrames = 2 + list / 16_384
        configuration.controlFrameRateLimit.maximumCount = controlFrames
        return configuration
    }

    static var stream: NIOHTTP2Handler.StreamConfiguration {
        var configuration = NIOHTTP2Handler.StreamConfiguration()
        configuration.streamResetFrameRateLimit.maximumCount = resets
        configuration.streamErrorRateLimit.maximumCount = resets
        return configuration
    }
}
