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
        let nodeStatus: String
        let problems: [String]
    }

    /// Megabytes of resident memory above which the process is reported as unhealthy.
    private static let maximumMemoryMB = 500.0

    func run(_ context: Context) async throws -> Output {
        let memory = residentMemoryMB()
        var problems: [String] = []
        if memory > Self.maximumMemoryMB {
            problems.append("Using more than \(Int(Self.maximumMemoryMB)) MB of RAM/HEAP")
        }
        return Output(
            id: context.application.id, actionheroVersion: SDK.version,
            name: try context.config.string("general.serverName"),
            description: try context.config.string("general.serverDescription"),
            version: try context.config.string("general.apiVersion"),
            uptime: context.application.uptimeMilliseconds, consumedMemoryMB: memory,
            nodeStatus: problems.isEmpty ? "Node Healthy" : "Node Unhealthy", problems: problems)
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
