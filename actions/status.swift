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
        let nodeStatus: String
        let problems: [String]
    }

    /// Megabytes of resident memory above which the process is reported as unhealthy.
    private static let maximumMemoryMB = limit("maxMemoryAlloted", 500)
    /// Waiting jobs above which the process is reported as unhealthy.
    private static let maximumQueueLength = limit("maxResqueQueueLength", 1000)

    private static func limit(_ variable: String, _ usual: Int) -> Int {
        getenv(variable).flatMap { Int(String(cString: $0)) } ?? usual
    }

    func run(_ context: Context) async throws -> Output {
        let memory = residentMemoryMB()
        var problems: [String] = []
        if memory > Double(Self.maximumMemoryMB) {
            problems.append("Using more than \(Self.maximumMemoryMB) MB of RAM/HEAP")
        }
        let length = await queueLength(context, &problems)
        if let length, length > Self.maximumQueueLength {
            problems.append("Resque Queues over \(Self.maximumQueueLength) jobs")
        }
        return Output(
            id: context.application.id, actionheroVersion: SDK.version,
            name: try context.config.string("general.serverName"),
            description: try context.config.string("general.serverDescription"),
            version: try context.config.string("general.apiVersion"),
            uptime: context.application.uptimeMilliseconds, consumedMemoryMB: memory,
            resqueTotalQueueLength: length,
            nodeStatus: problems.isEmpty ? "Node Healthy" : "Node Unhealthy", problems: problems)
    }

    /// - Returns: Jobs that wait, 0 where nothing can wait for want of Redis; `nil` while Redis is away.
    private func queueLength(_ context: Context, _ problems: inout [String]) async -> Int? {
        guard context.redis.isEnabled else { return 0 }
        do {
            // Whoever asks wants to know soon.
            return try await context.tasks.queueLengths(timeout: .seconds(1)).values.reduce(0, +)
        } catch {
            problems.append("Redis cannot be asked: \(error)")
            return nil
        }
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
