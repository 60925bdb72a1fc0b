// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@Suite("classes with inputs")
struct ClassInputTests {
    class Listing: InputObject, @unchecked Sendable {
        @Input("how many", validate: .range(1...99)) var limit: Int
        @Input("where from") var offset = 0
        required init() {}
    }

    final class Users: Listing, @unchecked Sendable {
        /// No input.
        let page = 10
    }

    @Test("a subclass has the inputs that it inherits")
    func inherited() throws {
        #expect(try InputTable.of(Users.self).names == ["limit", "offset"])
        #expect(try InputTable.of(Users.self).descriptions.map(\.isRequired) == [true, false])
        #expect(try Users.read().missing == ["limit"])
        #expect(try Users.read(["limit": 100]).invalid == ["limit must be between 1 and 99"])
        let read = try #require(try Users.read(["limit": "7", "offset": 3]).value)
        #expect(read.limit == 7 && read.offset == 3 && read.page == 10)
    }

    @Test("a subclass of a subclass has them, too, and a structure may hold one")
    func deeper() throws {
        class Middle: Listing, @unchecked Sendable {}
        final class Last: Middle, @unchecked Sendable {}
        struct Outer: InputObject {
            @Input("what to list") var listing: Last
        }
        #expect(try Last.read(["limit": 5]).value?.limit == 5)
        #expect(try Outer.read(["listing": [:]]).missing == ["listing.limit"])
        #expect(try Outer.read(["listing": ["limit": 5]]).value?.listing.limit == 5)
    }

    @Test("an input that a subclass adds would never have a value, and is refused with the class that has inputs")
    func strayOfSubclass() throws {
        final class Orders: Listing, @unchecked Sendable {
            @Input("of whom") var customer: String
        }
        #expect(
            try "\(#require(Orders.read(["limit": 1, "customer": "Ada"]).failure))"
                == "the input customer of Orders would never have a value: only inputs of Listing are filled, from which "
                + "init(from:) comes; declare it there, or use a struct")
    }

    @Test("an input of a class that knows nothing of them is refused, too")
    func strayOfBase() throws {
        class Base: @unchecked Sendable {
            @Input("hidden") var _hidden: Int?
            init() {}
        }
        final class Own: Base, InputObject, @unchecked Sendable {
            @Input("own") var own: String
            override required init() { super.init() }
        }
        let failure = try "\(#require(Own.read(["own": "x"]).failure))"
        #expect(failure.hasPrefix("the input _hidden of Base would never have a value: only inputs of Own are filled"))
    }

    @Test("inputs of a class that is merely Decodable are those of what inherits from it")
    func decodableBase() throws {
        class Base: Decodable, @unchecked Sendable {
            @Input("how many") var limit: Int
            required init() {}
        }
        final class Heir: Base, InputObject, @unchecked Sendable {}
        #expect(try Heir.read().missing == ["limit"])
        #expect(try Heir.read(["limit": 4]).value?.limit == 4)
    }
}
