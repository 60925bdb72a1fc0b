import ActionHero
import Testing

@Suite("status")
struct StatusTests {
    @Test("status tells who and how the server is")
    func tellsWhoAndHow() async {
        let response = await SpecHelper.runAction("status")
        #expect(response["error"] == nil)
        #expect(response["nodeStatus"] == "Node Healthy")
        #expect(response["problems"] == [])
        #expect((response["resqueTotalQueueLength"]?.intValue ?? -1) >= 0)
        #expect((response["uptime"]?.intValue ?? -1) >= 0)
    }
}
