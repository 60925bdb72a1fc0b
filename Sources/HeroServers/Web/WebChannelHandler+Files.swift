// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroCore
internal import NIOCore

// Responses that are files.
extension WebChannelHandler {
    func sendFile(
        _ path: String?, below directory: String? = nil, state: ResponseState?, _ exchange: WebExchange,
        _ context: ChannelHandlerContext
    ) {
        let files = directory.map(shared.files.serving) ?? shared.files
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        files.open(path, on: context.eventLoop).whenSuccess { file in
            bound.value.handler.fileOpened(file, state, exchange, bound.value.context)
        }
    }

    private func fileOpened(
        _ file: OpenedFile?, _ state: ResponseState?, _ exchange: WebExchange, _ context: ChannelHandlerContext
    ) {
        guard case .answering(let current, _) = phase, current === exchange else {
            file?.close()
            return
        }
        // What the head says holds, even when the server begins to stop before the body has left.
        let keepsAlive = keepsAlive(exchange)
        let response = shared.renderFile(file, state, exchange, keepsAlive: keepsAlive)
        shared.logFile(file, exchange)
        write(response.head, context)
        guard let file, response.hasBody, file.size > 0 else {
            file?.close()
            endExchange(keepsAlive: keepsAlive, context)
            return
        }
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        awaitWriting(context)
        progress.queuedBytes += file.size
        // The socket sends file regions; through TLS a handler between the two reads them.
        context.channel.writeAndFlush(file.region).whenComplete { result in
            file.close()
            switch result {
            case .success: bound.value.handler.endExchange(keepsAlive: keepsAlive, bound.value.context)
            case .failure: bound.value.context.close(promise: nil)
            }
        }
    }
}
