// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// What the conditions of a request come to (RFC 9110, 13.2.2).
enum Precondition: Equatable {
    /// Send it; ranges count only if told so.
    case passed(rangeCounts: Bool)
    /// The client has it already.
    case notModified
    case failed

    /// - Parameters:
    ///   - request: What the client says.
    ///   - validators: What holds now.
    ///   - now: Seconds since 1970.
    init(_ request: FileRequest, _ validators: FileValidators, now: Int) {
        guard request.isConditional else {
            self = .passed(rangeCounts: false)
            return
        }
        if Self.fails(request, validators) {
            self = .failed
        } else if Self.isUnchanged(request, validators) {
            self = .notModified
        } else {
            self = .passed(rangeCounts: request.isGet && Self.rangeCounts(request, validators, now: now))
        }
    }

    private static func fails(_ request: FileRequest, _ validators: FileValidators) -> Bool {
        // These tags are weak, and a weak tag never promises that bytes are the same.
        if let tags = request.ifMatch { return !EntityTags(tags).isAny }
        guard let text = request.ifUnmodifiedSince, let date = HTTPDate.seconds(text),
            let modified = validators.modifiedSeconds
        else { return false }
        return modified > date
    }

    private static func isUnchanged(_ request: FileRequest, _ validators: FileValidators) -> Bool {
        if let tags = request.ifNoneMatch {
            // A reader who asks for a reload gets one, as the reference does.
            if request.cacheControl?.lowercased().contains("no-cache") == true { return false }
            return EntityTags(tags).contains(validators.etag)
        }
        guard let text = request.ifModifiedSince, let date = HTTPDate.seconds(text),
            let modified = validators.modifiedSeconds
        else { return false }
        return modified <= date
    }

    private static func rangeCounts(_ request: FileRequest, _ validators: FileValidators, now: Int) -> Bool {
        guard request.range != nil else { return false }
        guard let condition = request.ifRange else { return true }
        // A tag would have to be a strong one. A date is as good as that once its second is over.
        guard let date = HTTPDate.seconds(condition), let modified = validators.modifiedSeconds else { return false }
        return date == modified && modified < now
    }
}
