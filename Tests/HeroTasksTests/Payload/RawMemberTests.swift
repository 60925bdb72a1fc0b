// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HeroTasks

@Suite("bytes of a member")
struct RawMemberTests {
    private func value(_ object: String) -> String? {
        RawMember.value(of: "payload", in: Array(object.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("are those of the outermost object, however it is spelled")
    func spelled() {
        #expect(value(#"{"payload":{"a":1.0}}"#) == #"{"a":1.0}"#)
        #expect(
            value(#" { "x" : "payload" , "payload" : [ 1 , {"payload":2} ] , "y":{"payload":3}} "#)
                == #"[ 1 , {"payload":2} ]"#)
        #expect(value(#"{"a":"\"payload\":1,","payload":"}\\"}"#) == #""}\\""#)
        #expect(value(#"{"payload":1,"payload":2}"#) == "2")
    }

    @Test("are none where there is no such member")
    func none() {
        for text in [
            #"{"a":{"payload":1}}"#, "{}", "", "{", #"{"payload"#, "[\"payload\",1]", #"{"payloads":1}"#, #"["x":"#,
        ] {
            #expect(value(text) == nil, "\(text)")
        }
    }
}
