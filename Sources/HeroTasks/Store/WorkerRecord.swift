// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
package import HeroSystem

/// Records of workers, which other programs read.
package enum WorkerRecord {
    /// `{"time":…,"name":…,"queues":…}`.
    package static func ping(_ worker: RegisteredWorker, seconds: Int) -> [UInt8] {
        let json: JSON = ["time": .integer(seconds), "name": .string(worker.name), "queues": .string(worker.queues)]
        return Array(json.text().utf8)
    }

    /// `{"run_at":…,"queue":…,"payload":…,"worker":…}`; a payload that is no job is a text.
    package static func job(_ job: HeldJob, _ worker: String, _ start: WallTime) -> [UInt8] {
        var writer = JSONWriter(indent: nil, capacity: job.payload.count + 256)
        writer.beginObject()
        writer.write(name: "run_at", isFirst: true)
        writer.write(JavaScriptDate.text(start))
        writer.write(name: "queue", isFirst: false)
        writer.write(job.queue)
        writer.write(name: "payload", isFirst: false)
        writer.bytes += FailureEntry.embedded(job.payload)
        writer.write(name: "worker", isFirst: false)
        writer.write(worker)
        writer.endObject(isEmpty: false)
        return writer.bytes
    }
}
