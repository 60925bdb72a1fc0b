import ActionHero
import Glibc

struct SleepTest: Action {
    static let description = "I will sleep and then return"

    @Input("How long to sleep, in milliseconds", validate: .range(0...600_000)) var sleepDuration = 1000

    struct Output: Encodable {
        let sleepStarted: Int
        let sleepEnded: Int
        let sleepDelta: Int
        let sleepDuration: Int
    }

    func run(_ context: Context) async throws -> Output {
        let started = milliseconds()
        try await Task.sleep(for: .milliseconds(sleepDuration))
        let ended = milliseconds()
        return Output(
            sleepStarted: started, sleepEnded: ended, sleepDelta: ended - started, sleepDuration: sleepDuration)
    }

    /// Since 1970.
    private func milliseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }
}
