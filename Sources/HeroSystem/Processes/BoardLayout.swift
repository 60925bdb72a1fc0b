// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Where the fields of a ``WorkerBoard`` stand, as the board itself says in its first page.
///
/// Programs of several versions work on one board while the executable of a cluster is replaced, and none can change what
/// the others have compiled in. Each finds the fields by their names; one that a board does not have is read as 0.
struct BoardLayout: Sendable, Equatable {
    /// To be raised when a field gets another meaning or unit under its old name.
    ///
    /// New fields need no new version.
    static let version = 1

    /// The parts of the board, in this order.
    enum Area: String, Sendable, CaseIterable {
        /// Once.
        case common
        /// For each slot, close together: every worker reads all of them for every connection.
        case share
        /// For each slot.
        case slot
    }

    enum Field: String, Sendable, CaseIterable {
        /// Counts periods since 1970; see ``TicketSeed``.
        case ticketPeriod
        case ticketSeed
        /// 1 while the worker accepts connections.
        case accepting
        /// Connections that the worker has now.
        case connections
        /// Requests that were answered.
        case requests
        /// Requests that were answered with a status of 500 or above.
        case errors
        /// The signal that the worker has sent itself; 0 for none.
        case ownSignal
        /// The actions that ran when it sent itself a signal: their numbers, plus 1.
        case ownSignalActions
        /// For each thread the number of the action that it executes, plus 1; the event loop is 0, the others belong to
        /// the thread pool.
        case running
        /// For each action how many have begun and not ended; the last place stands for all beyond.
        case actions
        /// For each thread the number of the job that it executes; 0 for none.
        case jobs
        /// For each thread what tells the owner of that job from others of the process.
        case jobOwners
    }

    /// A row of 32-bit numbers.
    struct Place: Sendable, Equatable {
        let area: Area
        /// In bytes from the area's beginning.
        let offset: Int
        let count: Int
    }

    let slots: Int
    /// Bytes of each area, of one slot where there are several.
    let sizes: [Area: Int]
    let places: [Field: Place]

    /// What this version makes.
    static let current = BoardLayout(
        slots: 256, sizes: [.common: 64, .share: 8, .slot: 4352],
        places: [
            .ticketPeriod: Place(area: .common, offset: 0, count: 1),
            .ticketSeed: Place(area: .common, offset: 4, count: 8),
            .accepting: Place(area: .share, offset: 0, count: 1),
            .connections: Place(area: .share, offset: 4, count: 1),
            .requests: Place(area: .slot, offset: 0, count: 1),
            .errors: Place(area: .slot, offset: 4, count: 1),
            .ownSignal: Place(area: .slot, offset: 8, count: 1),
            .ownSignalActions: Place(area: .slot, offset: 12, count: 13),
            .running: Place(area: .slot, offset: 64, count: 32),
            .actions: Place(area: .slot, offset: 192, count: 976),
            .jobs: Place(area: .slot, offset: 4096, count: 32),
            .jobOwners: Place(area: .slot, offset: 4224, count: 32),
        ])

    // MARK: Sizes

    /// Bytes of the page with the description; the areas follow.
    static let headerSize = 4096

    func start(_ area: Area) -> Int {
        switch area {
        case .common: Self.headerSize
        case .share: Self.headerSize + size(.common)
        case .slot: start(.share) + slots * size(.share)
        }
    }

    func size(_ area: Area) -> Int { sizes[area] ?? 0 }

    var totalSize: Int { start(.slot) + slots * size(.slot) }

    // MARK: Text

    /// What the first page says.
    var text: String {
        var lines = ["board \(Self.version)", "slots \(slots)"]
        lines += Area.allCases.map { "area \($0.rawValue) \(size($0))" }
        for field in Field.allCases {
            guard let place = places[field] else { continue }
            lines.append("field \(field.rawValue) \(place.area.rawValue) \(place.offset) \(place.count)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Reads what a board says about itself.
    ///
    /// Fields that this version does not know are passed over.
    ///
    /// - Throws: ``BoardFault`` for another version, and for what cannot be.
    init(parsing text: String) throws(BoardFault) {
        var (slots, sizes, places): (Int, [Area: Int], [Field: Place]) = (0, [:], [:])
        guard !text.isEmpty else { throw BoardFault("it does not say what it is") }
        for (number, line) in text.split(separator: "\n").enumerated() {
            let words = line.split(separator: " ").map(String.init)
            let numbers = words.dropFirst().compactMap { Int($0) }
            switch words.first {
            case "board" where number == 0:
                guard numbers == [Self.version] else {
                    throw BoardFault("it is of version \(words.dropFirst().joined()), this one reads \(Self.version)")
                }
            case _ where number == 0: throw BoardFault("it does not say what it is")
            case "slots": slots = numbers.first ?? 0
            case "area":
                guard words.count == 3, let area = Area(rawValue: words[1]), let size = numbers.first else {
                    throw BoardFault("the line '\(line)' is none of this version")
                }
                sizes[area] = size
            case "field":
                guard words.count == 5, let area = Area(rawValue: words[2]), numbers.count == 2 else {
                    throw BoardFault("the line '\(line)' is none of this version")
                }
                guard let field = Field(rawValue: words[1]) else { continue }
                places[field] = Place(area: area, offset: numbers[0], count: numbers[1])
            default: continue
            }
        }
        self.init(slots: slots, sizes: sizes, places: places)
        try check()
    }

    private init(slots: Int, sizes: [Area: Int], places: [Field: Place]) {
        (self.slots, self.sizes, self.places) = (slots, sizes, places)
    }

    /// Nothing may lie outside of its area, and numbers stand at multiples of their size.
    private func check() throws(BoardFault) {
        guard (1...4096).contains(slots) else { throw BoardFault("\(slots) slots cannot be") }
        for area in Area.allCases {
            let size = size(area)
            guard (4...1 << 20).contains(size), size.isMultiple(of: 4) else {
                throw BoardFault("an area \(area.rawValue) of \(size) bytes cannot be")
            }
        }
        for field in Field.allCases {
            guard let place = places[field] else { continue }
            guard place.offset >= 0, place.offset.isMultiple(of: 4), (1...1 << 18).contains(place.count),
                place.area == Self.current.places[field]?.area,
                place.offset <= size(place.area) - place.count * 4
            else { throw BoardFault("the field \(field.rawValue) lies outside of its area") }
        }
    }
}

/// A board cannot be used.
package struct BoardFault: Error, Sendable, CustomStringConvertible {
    package let description: String

    init(_ reason: String) { description = "the board that workers share cannot be used: \(reason)" }
}
