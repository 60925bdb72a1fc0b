// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

// What comes on a connection with subscriptions: messages, which nobody asked for, and acknowledgements in order.
extension ConnectionMachine {
    mutating func receivePush(_ value: RESPValue) -> ReplyAction {
        switch value {
        case .array(let elements): return receivePush(elements)
        case .status("PONG"):
            guard case .ping? = pending.first?.shape else { return .fail(Self.unexpected(value)) }
            return pongReceived()
        case .error(let message):
            // The whole command is refused, so no acknowledgement of it comes.
            switch pending.first?.shape {
            case .subscription: return settleFirst(.failure(RedisError(.refused, message)))
            case .ping: return pongReceived()
            case .command, .transaction, nil: return .fail(Self.unexpected(value))
            }
        case .null, .integer, .status, .bytes: return .fail(Self.unexpected(value))
        }
    }

    private mutating func receivePush(_ elements: [RESPValue]) -> ReplyAction {
        guard case .bytes(let word)? = elements.first else { return .fail(Self.unexpected(.array(elements))) }
        switch (String(decoding: word, as: UTF8.self), elements.count) {
        case ("message", 3):
            guard let channel = elements[1].text, let payload = elements[2].bytes else { break }
            return .message(channel: channel, pattern: nil, payload: payload)
        case ("pmessage", 4):
            guard let pattern = elements[1].text, let channel = elements[2].text, let payload = elements[3].bytes
            else { break }
            return .message(channel: channel, pattern: pattern, payload: payload)
        case ("pong", 2):
            guard case .ping? = pending.first?.shape else { break }
            return pongReceived()
        case (let kind, 3): return acknowledge(kind, elements)
        default: break
        }
        return .fail(Self.unexpected(.array(elements)))
    }

    private mutating func acknowledge(_ kind: String, _ elements: [RESPValue]) -> ReplyAction {
        guard case .subscription(let expected, let left)? = pending.first?.shape, expected == kind else {
            return .fail(Self.unexpected(.array(elements)))
        }
        guard left > 1 else { return settleFirst(.success(.status("OK"))) }
        pending[pending.startIndex].shape = .subscription(kind: kind, left: left - 1)
        return .none
    }
}
