import ActionHero
import Glibc

struct Status: Action {
    static let description = "I will return some basic information about the API"

    struct Output: Encodable {
        let id: String
        let actionheroVersion: String
        let name: String
        let description: String
        let version: String
        let uptime: Int
        let consumedMemoryMB: Double
        /// Left out while Redis cannot be asked.
        let resqueTotalQueueLength: Int?
        /// Left out where there are none, and while Redis cannot be asked.
        let jobs: Jobs?
        let nodeStatus: String
        let problems: [String]
    }

    struct Jobs: Encodable {
        /// For how long the oldest job of all queues has waited at least; left out while that is not known.
        let oldestMilliseconds: Int?
        /// By how much the first delayed job or retry is late.
        let lagMilliseconds: Int
        /// Processes that are dead and still hold jobs.
        let stuckProcesses: Int
        /// Whether somebody moves delayed jobs.
        let hasLeader: Bool
    }

    /// Megabytes of resident memory above which the process is reported as unhealthy.
    private static let maximumMemoryMB = limit("maxMemoryAlloted", 500)
    /// Waiting jobs above which the process is reported as unhealthy.
    private static let maximumQueueLength = limit("maxResqueQueueLength", 1000)

    /// Milliseconds that a job may wait before the process is reported as unhealthy; 0 for any time.
    private static let maximumJobAge = limit("maxResqueJobAge", 0)

    private static func limit(_ variable: String, _ usual: Int) -> Int {
        getenv(variable).flatMap { Int(String(cString: $0)) } ?? usual
    }

    func run(_ context: Context) async throws -> Output {
        let memory = residentMemoryMB()
        var problems: [String] = []
        if memory > Double(Self.maximumMemoryMB) {
            problems.append("Using more than \(Self.maximumMemoryMB) MB of RAM/HEAP")
        }
        let health = await health(context, &problems)
        // Nothing can wait for want of Redis.
        let length = context.redis.isEnabled ? health?.queues.values.reduce(0, +) : 0
        if let length, length > Self.maximumQueueLength {
            problems.append("Resque Queues over \(Self.maximumQueueLength) jobs")
        }
        let oldest = health?.oldest.values.max().map(Self.milliseconds)
        if let oldest, Self.maximumJobAge > 0, oldest > Self.maximumJobAge {
            problems.append("Resque Jobs wait for more than \(Self.maximumJobAge) ms")
        }
        return Output(
            id: context.application.id, actionheroVersion: SDK.version,
            name: try context.config.string("general.serverName"),
            description: try context.config.string("general.serverDescription"),
            version: try context.config.string("general.apiVersion"),
            uptime: context.application.uptimeMilliseconds, consumedMemoryMB: memory,
            resqueTotalQueueLength: length,
            jobs: health.map {
                Jobs(
                    oldestMilliseconds: oldest, lagMilliseconds: Self.milliseconds($0.lag), stuckProcesses: $0.stuck,
                    hasLeader: $0.leader != nil)
            },
            nodeStatus: problems.isEmpty ? "Node Healthy" : "Node Unhealthy", problems: problems)
    }

    /// - Returns: `nil` without Redis, and while it is away.
    private func health(_ context: Context, _ problems: inout [String]) async -> TaskHealth? {
        guard context.redis.isEnabled else { return nil }
        do {
            // Whoever asks wants to know soon.
            return try await context.tasks.health(timeout: .seconds(1))
        } catch {
            problems.append("Redis cannot be asked: \(error)")
            return nil
        }
    }

    private static func milliseconds(_ duration: Duration) -> Int {
        Int(duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000)
    }

    /// Reads the second number of /proc/self/statm, the resident pages; the kernel answers from memory.
    private func residentMemoryMB() -> Double {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        let megabytes = Double(pages * sysconf(Int32(_SC_PAGESIZE))) / 1_048_576
        return (megabytes * 100).rounded() / 100
    }
}
