// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ActionHero

@Suite("jobs that are to be enqueued")
struct JobTests {
    struct Address: InputObject {
        @Input("Street and number") var street: String
        @Input("Postal code") var zip: String?
    }

    struct Parcel: BackgroundTask {
        static let queue = "parcels"

        @Input("The weight in grams") var grams: Int
        @Input("What is on it", name: "sticker") var label = "fragile"
        @Input("Where it goes") var address: Address
        @Input("Other places") var others: [Address]?
        @Input("By name") var named: [String: Address]?
        @Input("Anything") var note: JSON?

        func run(_ context: TaskContext) async throws {}
    }

    struct Plain: BackgroundTask {
        func run(_ context: TaskContext) async throws {}
    }

    struct Secretive: Decodable, Sendable {
        let text: String
    }

    struct Unwritable: BackgroundTask {
        @Input("Something that can only be read") var it: Secretive?
        func run(_ context: TaskContext) async throws {}
    }

    @Test("inputs that were set are written in the order of their declaration, by their names in requests")
    func order() throws {
        let job = try Job(Parcel.self) { parcel in
            parcel.address = Address()
            parcel.address.street = "Elm 1"
            parcel.label = "this side up"
            parcel.grams = 250
        }
        #expect(job.name == "parcel")
        #expect(
            JSON.object(job.inputs).description
                == #"{"grams":250,"sticker":"this side up","address":{"street":"Elm 1"}}"#)
    }

    @Test("inputs that were left alone or set to nothing are not written")
    func absent() throws {
        let job = try Job(Parcel.self) { parcel in
            parcel.grams = 1
            parcel.others = nil
        }
        #expect(job.inputs == ["grams": 1])
        #expect(try Job(Plain.self).inputs.isEmpty)
    }

    @Test("nested inputs are written however they are held")
    func nested() throws {
        var address = Address()
        address.street = "Elm 1"
        address.zip = "12345"
        let held = address
        let job = try Job(Parcel.self) { parcel in
            parcel.others = [held, held]
            parcel.named = ["b": held, "a": held]
            parcel.note = .null
        }
        let written = #"{"street":"Elm 1","zip":"12345"}"#
        #expect(
            JSON.object(job.inputs).description
                == #"{"others":[\#(written),\#(written)],"named":{"a":\#(written),"b":\#(written)},"note":null}"#)
    }

    @Test("an input without a JSON form is an error that names it")
    func unwritable() throws {
        let error = #expect(throws: TaskError.self) {
            try Job(Unwritable.self) { $0.it = Secretive(text: "x") }
        }
        #expect(error?.code == .notEncodable)
        #expect(error?.message == "the input it cannot be written as JSON: Secretive is not Encodable")
        #expect(try Job(Unwritable.self).inputs.isEmpty)
    }

    @Test("what the closure throws goes to the caller")
    func throwing() {
        #expect(throws: ActionError("no")) { try Job(Plain.self) { _ in throw ActionError("no") } }
    }

    @Test("options say what they say, the last one of a kind wins, and what is not said is left to the task")
    func options() {
        let plain = Job("a").options
        #expect(plain.queue == nil && plain.start == .now && plain.uniqueMilliseconds == nil)
        #expect(plain.durability == nil && plain.whenAway == .fail && plain.resultMilliseconds == nil)
        let said = Job(
            "a", [:], .queue("x"), .queue("y"), .after(.seconds(2)), .unique(for: .seconds(1), key: "k"),
            .durability(.replicas(2)), .whenAway(.keep), .expires(after: .seconds(3)), .keepingResult(for: .seconds(4))
        ).options
        #expect(said.queue == "y" && said.start == .after(milliseconds: 2000))
        #expect(said.uniqueMilliseconds == 1000 && said.uniqueKey == "k")
        #expect(said.durability == .replicas(2) && said.whenAway == .keep)
        #expect(said.expiresMilliseconds == 3000 && said.resultMilliseconds == 4000)
        #expect(Job("a", [:], .at(milliseconds: 5)).options.start == .at(milliseconds: 5))
    }

    @Test("a stored job is read whoever wrote it, Ruby's without a queue too")
    func stored() throws {
        let ours = QueuedJob(payload: ["class": "a", "queue": "q", "args": [["x": 1]]])
        #expect(ours.name == "a" && ours.queue == "q" && ours.inputs == ["x": 1])
        let ruby = QueuedJob(payload: ["class": "A", "args": [1, "two"]])
        #expect(ruby.queue == nil && ruby.inputs == nil && ruby.arguments == [1, "two"])
        #expect(QueuedJob(payload: "no object").name == "")
        let failed = FailedJob(["worker": "w", "payload": ["class": "a", "args": []], "backtrace": nil], bytes: [])
        #expect(failed.job.name == "a" && failed.worker == "w" && failed.backtrace.isEmpty)
    }
}
