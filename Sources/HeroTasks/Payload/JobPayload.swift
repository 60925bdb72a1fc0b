// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero

/// A job as it waits in a queue: `{"class":…,"queue":…,"args":[…]}`.
///
/// These bytes are what a job is found, removed and locked by, here and in node-resque, so they are written as JavaScript
/// writes them, and never written anew for a job that somebody else has enqueued.
package struct JobPayload: Sendable, Hashable {
    /// The task's name.
    package var task: String
    /// `nil` for jobs of Ruby's Resque, which do not say it.
    package var queue: String?
    /// The inputs first; ActionHero has no others.
    package var arguments: [JSON]

    package init(task: String, queue: String?, arguments: [JSON]) {
        self.task = task
        self.queue = queue
        self.arguments = arguments
    }

    /// - Parameters:
    ///   - task: The task's name.
    ///   - queue: Where the job will wait.
    ///   - inputs: An object, or whatever else the caller has.
    ///   - tag: What belongs to the job and not to its inputs.
    package init(task: String, queue: String, inputs: JSON, tag: JobTag = JobTag()) {
        self.init(task: task, queue: queue, arguments: [inputs] + (tag.json.map { [$0] } ?? []))
    }

    /// What belongs to the job and not to its inputs.
    package var tag: JobTag { arguments.count == 2 ? JobTag(arguments[1]) ?? JobTag() : JobTag() }

    /// The arguments without the tag.
    package var inputs: [JSON] { tag == JobTag() ? arguments : Array(arguments.dropLast()) }

    /// As JavaScript writes it.
    package var bytes: [UInt8] {
        var writer = JSONWriter(indent: nil)
        writer.beginObject()
        writer.write(name: "class", isFirst: true)
        writer.write(task)
        if let queue {
            writer.write(name: "queue", isFirst: false)
            writer.write(queue)
        }
        writer.write(name: "args", isFirst: false)
        writer.write(Self.ordered(.array(arguments)))
        writer.endObject(isEmpty: false)
        return writer.bytes
    }

    /// The arguments as JavaScript writes them: a part of the keys of locks.
    package var argumentsText: String { Self.ordered(.array(arguments)).text() }

    /// The members in the order in which JavaScript keeps them: indices of arrays come first, by number.
    package static func ordered(_ value: JSON) -> JSON {
        switch value {
        case .array(let elements): return .array(elements.map(ordered))
        case .object:
            guard let object = value.objectValue else { return value }
            var (indices, others): ([(UInt32, String, JSON)], [(String, JSON)]) = ([], [])
            for (name, member) in object {
                if let index = arrayIndex(name) {
                    indices.append((index, name, ordered(member)))
                } else {
                    others.append((name, ordered(member)))
                }
            }
            var result = JSON.Object()
            for (_, name, member) in indices.sorted(by: { $0.0 < $1.0 }) { result[name] = member }
            for (name, member) in others { result[name] = member }
            return .object(result)
        case .null, .bool, .integer, .number, .string: return value
        }
    }

    /// ECMA-262 6.1.7: a whole number below 2^32 - 1, as it is usually written.
    private static func arrayIndex(_ name: String) -> UInt32? {
        guard let first = name.utf8.first, (48...57).contains(first), name.utf8.count <= 10,
            let number = UInt32(name), number < UInt32.max, String(number) == name
        else { return nil }
        return number
    }
}

/// What belongs to a job and not to its inputs; written as a second argument, and only where somebody has asked for it.
package struct JobTag: Sendable, Hashable {
    /// By which its status, progress and result are found.
    package var id: String?
    /// The batch that it belongs to; then it has an id, too.
    package var batch: String?

    package init(id: String? = nil, batch: String? = nil) {
        self.id = id
        self.batch = batch
    }

    /// `nil` for what is no tag.
    init?(_ json: JSON) {
        guard let object = json.objectValue, object.names.allSatisfy({ $0 == "$job" || $0 == "$batch" }),
            let id = object["$job"]?.stringValue
        else { return nil }
        self.init(id: id, batch: object["$batch"]?.stringValue)
    }

    var json: JSON? {
        guard let id else { return nil }
        var object: JSON.Object = ["$job": .string(id)]
        if let batch { object["$batch"] = .string(batch) }
        return .object(object)
    }

    package var member: BatchMember? {
        if let id, let batch { BatchMember(batch: batch, id: id) } else { nil }
    }
}
