// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroRedis
import HeroTasks
import Testing

@Suite("names of keys of jobs")
struct JobKeysTests {
    @Test("are those of node-resque, and empty parts are left out")
    func names() throws {
        let keys = try JobKeys(namespace: "resque", isCluster: false)
        #expect(keys.queue("high") == "resque:queue:high")
        #expect(keys.key("worker", "host:1+1", "") == "resque:worker:host:1+1")
        #expect(keys.delayed(1_700_000_060) == "resque:delayed:1700000060")
        let job = Array(#"{"class":"a","queue":"b","args":[]}"#.utf8)
        #expect(keys.timestamps(job) == #"resque:timestamps:{"class":"a","queue":"b","args":[]}"#)
    }

    @Test("need a hash tag in a cluster, and one without is refused with the name that would do")
    func hashTag() throws {
        let error = #expect(throws: RedisError.self) { try JobKeys(namespace: "resque", isCluster: true) }
        #expect(error?.message.contains("Set it to {resque}") == true)
        #expect(try JobKeys(namespace: "{resque}", isCluster: true).queue("x") == "{resque}:queue:x")
        #expect(throws: RedisError.self) { try JobKeys(namespace: "", isCluster: false) }
    }
}
