import ActionHero
import Glibc

/// Provides the moment at which the process booted, as an example of a service.
struct BootClock: Initializer {
    func initialize(_ application: Application) async throws {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        application.services.provide(time.tv_sec, named: "bootedAtSeconds")
    }

    func start(_ application: Application) async throws {
        application.log.debug("the boot clock runs", ["bootedAtSeconds": bootedAt(application)])
    }

    private func bootedAt(_ application: Application) -> Int {
        application.services.find(Int.self, named: "bootedAtSeconds") ?? 0
    }
}
