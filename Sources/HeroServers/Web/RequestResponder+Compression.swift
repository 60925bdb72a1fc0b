// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import NIOCore

// Between what a response is and how it goes on the wire.
extension RequestResponder {
    /// Every response passes here on its way to the client.
    func respond(_ response: WebResponse, _ exchange: WebExchange) {
        guard let compressor = shared.compressor else { return deliver(response, exchange) }
        switch compressor.plan.decide(response, exchange) {
        case .untouched: deliver(response, exchange)
        case .plain: deliverPlain(response, exchange)
        case .packed(let encoding): pack(response, encoding, exchange, compressor)
        }
    }

    private func deliverPlain(_ response: WebResponse, _ exchange: WebExchange) {
        var response = response
        response.varyByEncoding()
        deliver(response, exchange)
    }

    private func pack(
        _ response: WebResponse, _ encoding: ContentEncoding, _ exchange: WebExchange, _ compressor: ResponseCompressor
    ) {
        var packed = response
        guard response.hasBody else {
            // HEAD: the body would have to be made for its length.
            packed.markPacked(encoding, length: .none)
            if case .stream = response.body { packed.contentLength = response.contentLength }
            return deliver(packed, exchange)
        }
        switch response.body {
        case .bytes(let bytes) where bytes.count <= compressor.plan.backgroundSize:
            finish(response, bytes.withUnsafeBytes { compressor.pack($0, encoding) }, encoding, exchange)
        case .bytes(let bytes): packInBackground(response, ByteBuffer(bytes: bytes), encoding, exchange, compressor)
        case .file(let file):
            guard let bytes = file.singleBytes else {
                guard let slot = compressor.slot(),
                    let deflater = Deflater(encoding, level: compressor.plan.gzipLevel, .usual)
                else { return deliverPlain(response, exchange) }
                packed.body = .stream(ByteStream(file, deflater, slot, compressor.threads))
                packed.markPacked(encoding, length: .unknown)
                return deliver(packed, exchange)
            }
            if bytes.readableBytes <= compressor.plan.backgroundSize {
                finish(response, bytes.withUnsafeReadableBytes { compressor.pack($0, encoding) }, encoding, exchange)
            } else {
                packInBackground(response, bytes, encoding, exchange, compressor)
            }
        case .stream(let stream):
            guard let slot = compressor.slot(),
                let deflater = Deflater(encoding, level: compressor.plan.gzipLevel, .small)
            else { return deliverPlain(response, exchange) }
            packed.body = .stream(stream.packed(deflater, slot))
            packed.markPacked(encoding, length: .unknown)
            deliver(packed, exchange)
        }
    }

    private func packInBackground(
        _ response: WebResponse, _ bytes: ByteBuffer, _ encoding: ContentEncoding, _ exchange: WebExchange,
        _ compressor: ResponseCompressor
    ) {
        guard let slot = compressor.slot() else { return deliverPlain(response, exchange) }
        let bound = NIOLoopBound((responder: self, response: response), eventLoop: shared.loop.eventLoop)
        compressor.packInBackground(bytes, encoding).whenComplete { result in
            withExtendedLifetime(slot) {}
            let (responder, response) = bound.value
            // The client may have gone, and another request be on its way to this responder.
            guard responder.isAnswering(exchange) else { return }
            responder.finish(response, (try? result.get()) ?? nil, encoding, exchange)
        }
    }

    /// Sends the packed body, or the body as it is where there is none because packing brings nothing.
    private func finish(
        _ response: WebResponse, _ bytes: [UInt8]?, _ encoding: ContentEncoding, _ exchange: WebExchange
    ) {
        guard let bytes else { return deliverPlain(response, exchange) }
        var packed = response
        packed.body = .bytes(bytes)
        var length = response.contentLength
        if case .explicit = length { length = .body }
        packed.markPacked(encoding, length: length)
        deliver(packed, exchange)
    }
}
