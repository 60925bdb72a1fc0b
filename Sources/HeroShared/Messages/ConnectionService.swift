// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero
internal import HeroRuntime

/// Calls for connections, whichever process holds them: on the wire as those of the reference.
package final class ConnectionService: ConnectionsHost {
    private static let method = "connections.applyResponder"

    private let directory: ConnectionDirectory
    private let rpc: RPCService

    init(_ directory: ConnectionDirectory, _ rpc: RPCService) {
        self.directory = directory
        self.rpc = rpc
        rpc.setConnections { [directory] id, answer in directory.find(id) { answer($0 != nil) } }
        rpc.register(Self.method) { [directory] call in try await Self.answer(call, directory) }
    }

    package func find(_ id: String) async -> (any ConnectionHost)? { await directory.find(id) }

    package var count: Int { get async { await directory.count } }

    package func apply(
        _ id: String, _ method: String?, _ arguments: [JSON], isAnswerWanted: Bool
    ) async throws -> JSON.Object {
        if let connection = await directory.find(id) {
            if let method { try await connection.perform(method, arguments) }
            return isAnswerWanted ? connection.details : [:]
        }
        // These two have one argument there, which stands for itself.
        let isMessage = method == "sendMessage" || method == "sendFile"
        let passed: JSON = isMessage ? arguments.first ?? .null : .array(arguments)
        let answer = try await rpc.call(
            Self.method,
            [
                .string(id), method.map { .string($0) } ?? .null, method == nil ? .null : passed,
                // Nobody looks at a fourth argument there.
                ["failures": true, "details": .bool(isAnswerWanted)],
            ], RPC.Target.connection(id).connectionID, timeout: nil)
        return answer?.objectValue ?? [:]
    }

    private static func answer(_ call: RPCCall, _ directory: ConnectionDirectory) async throws -> JSON? {
        let wishes = try call.argument(3, as: JSON.self).objectValue
        do {
            guard let details = try await perform(call, directory) else {
                if wishes == nil { return nil }
                throw ConnectionError.closed
            }
            return wishes?["details"] == false ? nil : .object(details)
        } catch {
            throw wishes?["failures"] == true ? AnsweredFailure(error) : error
        }
    }

    /// - Returns: What is known about the connection afterwards; `nil` when it has ended.
    private static func perform(_ call: RPCCall, _ directory: ConnectionDirectory) async throws -> JSON.Object? {
        guard let id = try call.argument(0, as: JSON.self).stringValue, let connection = await directory.find(id) else {
            return nil
        }
        if let method = try call.argument(1, as: JSON.self).stringValue, !method.isEmpty {
            switch try call.argument(2, as: JSON.self) {
            // The reference calls nothing then.
            case .null: break
            case .array(let arguments) where method != "sendMessage": try await connection.perform(method, arguments)
            case let argument: try await connection.perform(method, [argument])
            }
        }
        return connection.details
    }
}
