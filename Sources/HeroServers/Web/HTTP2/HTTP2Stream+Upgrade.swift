// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroRuntime
internal import NIOCore
internal import NIOHTTP2

// A stream on which the client goes on with another protocol (RFC 8441).
extension HTTP2Stream: UpgradedTransport {
    func upgrade(_ upgrade: AcceptedUpgrade, _ exchange: WebExchange) {
        begin(shared.responses.renderTunnel(upgrade), exchange, isEnd: false)
        tunnel?.open(upgrade.session, self)
        connection?.resume(self)
        connection?.flush()
    }

    var eventLoop: any EventLoop { shared.loop.eventLoop }
    var registry: ConnectionRegistry { shared.registry }

    func write(_ bytes: ByteBuffer) -> Bool {
        write(bytes, isEnd: false)
        tunnel?.isBehind = !keepsUp
        return keepsUp
    }

    var isReadingPaused: Bool {
        get { tunnel?.isReadingPaused ?? false }
        set {
            tunnel?.isReadingPaused = newValue
            guard !newValue else { return }
            connection?.resume(self)
            connection?.flush()
        }
    }

    func end() {
        tunnel?.isEnding = true
        write(ByteBuffer(), isEnd: true)
    }

    func abort() { reset(.cancel) }
}

/// What an ``HTTP2Stream`` carries in place of a request's body and its response.
final class HTTP2Tunnel {
    /// `nil` until the client's wish has been granted.
    private var session: (any UpgradedSession)?
    /// What a client has sent that could not wait; not more than the stream's first window.
    private var early = ByteBuffer()
    private var inputHasEnded = false
    var isReadingPaused = false
    var wantsMore: Bool { session != nil && !isReadingPaused }
    var isEnding = false
    /// More has been written than the client had taken.
    var isBehind = false

    func open(_ session: any UpgradedSession, _ transport: any UpgradedTransport) {
        self.session = session
        session.opened(transport)
        let bytes = early
        early = ByteBuffer()
        if bytes.readableBytes > 0 { receive(bytes) }
        if inputHasEnded, !isEnding { session.inputEnded() }
    }

    func receive(_ bytes: ByteBuffer) {
        guard !isEnding else { return }
        if let session { session.received(bytes) } else { early.append(bytes) }
    }

    func inputEnded() {
        guard !inputHasEnded else { return }
        inputHasEnded = true
        if !isEnding { session?.inputEnded() }
    }

    func canWrite() {
        guard isBehind, !isEnding else { return }
        isBehind = false
        session?.canWrite()
    }

    func sweep(_ now: NIODeadline) {
        if !isEnding { session?.sweep(now) }
    }

    func stopBegan() {
        if !isEnding { session?.stopBegan() }
    }

    func closed() {
        session?.closed()
        session = nil
    }
}
