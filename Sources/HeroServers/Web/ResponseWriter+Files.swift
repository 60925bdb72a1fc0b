// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroRuntime
internal import HeroSystem

// Responses that are files.
extension ResponseWriter {
    /// - Parameters:
    ///   - found: The file, or why there is none.
    ///   - state: What the action that sends it has said; `nil` for a public file.
    ///   - exchange: The request.
    /// - Returns: The file, or what is said in its place.
    func renderFile(
        _ found: StaticFileServer.Result, _ state: ResponseState?, _ exchange: WebExchange
    ) -> WebResponse {
        let now = WallTime.now
        clock.update(now)
        do throws(FileFault) {
            let plan = FilePlan(
                try found.get(), FileRequest(exchange), status: state?.status ?? 200, now: now.milliseconds / 1000,
                fileOptions, boundary: { boundary() })
            return render(plan, state, exchange)
        } catch {
            return renderFault(error, state, exchange)
        }
    }

    private func render(_ plan: FilePlan, _ state: ResponseState?, _ exchange: WebExchange) -> WebResponse {
        let own = state?.headers ?? []
        var response = WebResponse(status: plan.status, headers: own, directHeaders: state?.directHeaders ?? [])
        if own.isEmpty, let usual = plan.usual {
            response.usual = usual
        } else {
            // What is added last stands first.
            response.headers += plan.headers(known: Set(own.map { $0.name.lowercased() }))
        }
        response.lateHeaders = plan.lateHeaders
        response.contentLength = plan.contentLength.map { .explicit($0) } ?? .none
        response.sendsBody = !exchange.isHead
        if response.hasBody { response.body = .file(FileBody(plan)) }
        return response
    }

    private func renderFault(_ fault: FileFault, _ state: ResponseState?, _ exchange: WebExchange) -> WebResponse {
        var response = WebResponse(headers: state?.headers ?? [], directHeaders: state?.directHeaders ?? [])
        var text = fileNotFound
        response.status = 404
        if case .unreadable(let number) = fault {
            log.fileFault(number, exchange)
            // Nobody is to keep in mind that there is no such file.
            response.status = 503
            text = "that file cannot be read now"
        }
        response.contentType = "text/html"
        response.body = .bytes(exchange.isHead ? [] : Array(text.utf8))
        response.contentLength = .explicit(text.utf8.count)
        return response
    }
}
