// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@Suite("the helper for an application's tests")
struct SpecHelperTests {
    @Test("says where it works when there is no application around it")
    func outside() async {
        #expect(await SpecHelper.runAction("x") == ["error": "SpecHelper works inside `hero test` only"])
        #expect(throws: SpecHelperError.self) { try SpecHelper.application }
    }
}
