// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero

/// An error that the caller of another process is to get, as `error` of the answer.
///
/// The reference answers nothing then. Its processes, which do not know this member, take such an answer for one without a
/// result, so only callers that understand it get one where theirs would time out.
struct AnsweredFailure: Error {
    let error: any Error

    init(_ error: any Error) { self.error = error }

    /// - Parameter json: What ``json`` has made.
    init(_ json: JSON) {
        let message = json.objectValue?["message"]?.stringValue ?? "the called process failed"
        let code = json.objectValue?["code"]?.stringValue
        error =
            switch json.objectValue?["type"]?.stringValue {
            case "action": ActionError(message, code: code)
            case "connection":
                ConnectionError(
                    code: ConnectionError.Code.all.first { $0.description == code } ?? .closed, message: message)
            default: RPCError(code == RPCError.Code.tooLarge.description ? .tooLarge : .failed, message)
            }
    }

    var json: JSON {
        switch error {
        case let error as ActionError:
            ["type": "action", "code": error.code.map { .string($0) } ?? .null, "message": .string(error.message)]
        case let error as ConnectionError:
            ["type": "connection", "code": .string(error.code.description), "message": .string(error.message)]
        case let error as RPCError:
            ["type": "rpc", "code": .string(error.code.description), "message": .string(error.message)]
        default: ["type": "rpc", "message": .string(String(describing: error))]
        }
    }
}
