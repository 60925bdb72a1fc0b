// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@Suite("errors for clients")
struct ActionErrorTests {
    @Test("an error has a message and whatever else it is given")
    func message() {
        let error = ActionError("card declined", code: "E_CARD", status: 402, fields: ["reason": "expired"])
        #expect("\(error)" == "card declined")
        #expect(error.code == "E_CARD" && error.status == 402 && error.fields["reason"] == "expired")
        #expect(error.payload == nil)
        let plain = ActionError("no")
        #expect(plain.code == nil && plain.status == nil && plain.fields.isEmpty)
        #expect(plain == ActionError("no") && plain != error)
    }

    @Test("an error of any shape is a message for those who want one")
    func payload() {
        #expect(ActionError(payload: ["a": [1]], status: 409).message == #"{"a":[1]}"#)
        #expect(ActionError(payload: "text").message == "text")
        #expect(ActionError(payload: ["a": 1]).payload == ["a": 1])
    }
}
