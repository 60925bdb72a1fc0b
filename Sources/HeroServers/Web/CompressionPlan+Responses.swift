// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroRuntime

extension CompressionPlan {
    init(_ configuration: WebConfiguration.Compression) {
        self.init(
            gzipLevel: Int32(configuration.gzipLevel), brotliLevel: Int32(configuration.brotliLevel),
            backgroundSize: configuration.backgroundSize, concurrent: configuration.concurrent,
            encodings: configuration.encodings, minimumSize: configuration.minimumSize,
            types: ContentTypeList(configuration.types))
    }

    func decide(_ response: WebResponse, _ exchange: WebExchange) -> Decision {
        // The most frequent reason first, which costs least.
        guard let size = response.sizeBeforePacking, size >= minimumSize || response.status == 304 else {
            return .untouched
        }
        guard response.status == 304 || HTTPStatus.allowsBody(response.status), response.status != 206,
            response.header("content-range") == nil, response.header("content-encoding") == nil,
            let type = response.effectiveContentType, types.contains(type), !forbidsChange(response)
        else { return .untouched }
        guard response.status != 304, let header = exchange.head.list("accept-encoding") else { return .plain }
        let accepted = AcceptedEncodings(header)
        return ContentEncoding.best(of: available(response, size), accepted).map { .packed($0) } ?? .plain
    }

    /// Brotli takes bodies that are at hand; gzip needs little memory for one that comes piece by piece.
    private func available(_ response: WebResponse, _ size: Int) -> [ContentEncoding] {
        let isWhole = response.isWhole && size <= Self.largestBrotliBytes
        return encodings.filter { $0 != .brotli || isWhole && Brotli.isAvailable }
    }

    private func forbidsChange(_ response: WebResponse) -> Bool {
        response.header("cache-control")?.lowercased().contains("no-transform") ?? false
    }
}
