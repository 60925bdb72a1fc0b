import ActionHero
import Testing

@Suite("cacheTest")
struct CacheTestTests {
    @Test("what is saved is loaded and deleted again")
    func savesAndLoads() async {
        let response = await SpecHelper.runAction("cacheTest", params: ["key": "testKey", "value": "abc123"])
        let results = response["cacheTestResults"]
        #expect(response["error"] == nil)
        #expect(results?["saveResp"] == true && results?["deleteResp"] == true)
        #expect(results?["loadResp"]?["key"] == "cacheTest_testKey")
        #expect(results?["loadResp"]?["value"] == "abc123")
    }

    @Test("short inputs are refused")
    func refusesShortInputs() async {
        let response = await SpecHelper.runAction("cacheTest", params: ["key": "ab", "value": "abc"])
        #expect(response["error"] == "inputs should be at least 3 letters long")
    }
}
