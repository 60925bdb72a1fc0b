// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroCore
internal import NIOCore

// Responses that are files.
extension WebLoopState {
    /// - Parameters:
    ///   - found: The file, or why there is none.
    ///   - state: What the action that sends it has said; `nil` for a public file.
    /// - Returns: The head, and the body if the response has one.
    func renderFile(
        _ found: StaticFileServer.Result, _ state: ResponseState?, _ exchange: WebExchange, keepsAlive: Bool
    ) -> (head: ByteBuffer, pieces: [FilePiece]) {
        do throws(FileFault) {
            let file = try found.get()
            let plan = FilePlan(
                file, FileRequest(exchange), status: state?.status ?? 200, now: WallTime.now.milliseconds / 1000,
                fileOptions, boundary: { boundary() })
            let hasBody = !exchange.isHead && HTTPStatus.allowsBody(plan.status)
            let pieces = hasBody ? try plan.pieces() : []
            return (writeFileHead(plan, state, exchange, keepsAlive: keepsAlive), pieces)
        } catch {
            return (writeNoFile(error, state, exchange, keepsAlive: keepsAlive), [])
        }
    }

    private func writeFileHead(
        _ plan: FilePlan, _ state: ResponseState?, _ exchange: WebExchange, keepsAlive: Bool
    ) -> ByteBuffer {
        let own = state?.headers ?? []
        var response = ResponseHeadWriter.Response(
            headers: own, directHeaders: state?.directHeaders ?? [], keepsAlive: keepsAlive)
        response.status = plan.status
        // What is added last stands first.
        response.headers += plan.headers(known: Set(own.map { $0.name.lowercased() }))
        response.lateHeaders = plan.lateHeaders
        response.contentLength = plan.contentLength.map { .explicit($0) } ?? .none
        return writeHead(response, exchange)
    }

    private func writeNoFile(
        _ fault: FileFault, _ state: ResponseState?, _ exchange: WebExchange, keepsAlive: Bool
    ) -> ByteBuffer {
        var response = ResponseHeadWriter.Response(
            headers: state?.headers ?? [], directHeaders: state?.directHeaders ?? [], keepsAlive: keepsAlive)
        var text = fileNotFound
        response.status = 404
        if case .unreadable(let number) = fault {
            logFileFault(number, exchange)
            // Nobody is to keep in mind that there is no such file.
            response.status = 503
            text = "that file cannot be read now"
        }
        response.contentType = "text/html"
        response.body = exchange.isHead ? [] : Array(text.utf8)
        response.contentLength = .explicit(text.utf8.count)
        return writeHead(response, exchange)
    }
}

extension FilePlan {
    /// - Returns: The body.
    /// - Throws: `unreadable` when the process has no descriptors left.
    func pieces() throws(FileFault) -> [FilePiece] {
        var pieces: [FilePiece] = []
        do throws(FileFault) {
            for part in parts {
                switch part {
                case .text(let text): pieces.append(.bytes(ByteBuffer(string: text)))
                case .file(let range) where range.isEmpty: continue
                case .file(let range): pieces.append(try variant.file.piece(range))
                }
            }
        } catch {
            for piece in pieces { piece.close() }
            throw error
        }
        return pieces
    }
}
