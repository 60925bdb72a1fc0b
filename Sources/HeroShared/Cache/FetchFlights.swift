// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import Synchronization

/// Callers of one process who want the same value wait for one of them.
final class FetchFlights: Sendable {
    typealias Waiter = CheckedContinuation<JSON, any Error>

    struct Seat: Sendable {
        let key: ByteKey
        let flight: Int
        let number: Int
        /// Whether this is the first caller.
        let isNew: Bool
    }

    private struct Flight {
        let number: Int
        var task: Task<Void, Never>?
        /// Seats that were taken and not left; a continuation comes when its caller waits.
        var seats: [Int: Waiter?] = [:]
    }

    private struct State {
        var flights: [ByteKey: Flight] = [:]
        var last = 0
        /// Results of flights that ended before somebody with a seat waited.
        var results: [Int: Result<JSON, any Error>] = [:]
    }

    private let state = Mutex(State())

    /// Takes a seat in the flight for a key, which begins when there is none.
    ///
    /// - Parameters:
    ///   - key: What is wanted.
    ///   - work: Gets it; cancelled when all seats have been left.
    /// - Returns: The seat, for ``wait(_:limit:_:)``.
    func join(_ key: String, _ work: @escaping @Sendable () async throws -> JSON) -> Seat {
        let key = ByteKey(key)
        return state.withLock { state in
            state.last += 1
            let seat = state.last
            if let flight = state.flights[key] {
                state.flights[key]?.seats.updateValue(nil, forKey: seat)
                return Seat(key: key, flight: flight.number, number: seat, isNew: false)
            }
            var flight = Flight(number: seat)
            flight.seats.updateValue(nil, forKey: seat)
            // Awaited by those who have seats; nobody's own task, so that the first caller may leave.
            flight.task = Task {
                let result: Result<JSON, any Error>
                do { result = .success(try await work()) } catch { result = .failure(error) }
                self.end(key, seat, result)
            }
            state.flights[key] = flight
            return Seat(key: key, flight: seat, number: seat, isNew: true)
        }
    }

    /// Waits for the result.
    ///
    /// - Parameters:
    ///   - seat: Of ``join(_:_:)``; it is left when this returns.
    ///   - limit: Milliseconds; `nil` for as long as it takes.
    ///   - time: Measures the limit.
    /// - Returns: What the work returns.
    /// - Throws: What the work throws; ``FlightTimedOut`` after the limit; `CancellationError`.
    func wait(_ seat: Seat, limit: Int?, _ time: Timekeeper) async throws -> JSON {
        guard let limit else { return try await wait(seat) }
        return try await withThrowingTaskGroup(of: JSON?.self) { group in
            group.addTask { try await self.wait(seat) }
            group.addTask {
                try await time.sleep(limit)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let value = first else { throw FlightTimedOut() }
            return value
        }
    }

    private func wait(_ seat: Seat) async throws -> JSON {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result = state.withLock { state -> Result<JSON, any Error>? in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if let result = state.results.removeValue(forKey: seat.number) { return result }
                    guard state.flights[seat.key]?.number == seat.flight else { return .failure(CancellationError()) }
                    state.flights[seat.key]?.seats.updateValue(continuation, forKey: seat.number)
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            leave(seat)
        }
    }

    /// How many callers have a seat in the flight for a key.
    func seats(_ key: String) -> Int { state.withLock { $0.flights[ByteKey(key)]?.seats.count ?? 0 } }

    private func leave(_ seat: Seat) {
        let (waiter, task) = state.withLock { state -> (Waiter?, Task<Void, Never>?) in
            state.results[seat.number] = nil
            guard state.flights[seat.key]?.number == seat.flight else { return (nil, nil) }
            let waiter = state.flights[seat.key]?.seats.removeValue(forKey: seat.number) ?? nil
            guard state.flights[seat.key]?.seats.isEmpty == true else { return (waiter, nil) }
            // Nobody is to join a flight that is being given up.
            return (waiter, state.flights.removeValue(forKey: seat.key)?.task)
        }
        task?.cancel()
        waiter?.resume(throwing: CancellationError())
    }

    private func end(_ key: ByteKey, _ flight: Int, _ result: Result<JSON, any Error>) {
        let waiters = state.withLock { state -> [Waiter] in
            guard state.flights[key]?.number == flight, let ended = state.flights.removeValue(forKey: key) else {
                return []
            }
            for (seat, waiter) in ended.seats where waiter == nil { state.results[seat] = result }
            return ended.seats.values.compactMap { $0 }
        }
        for waiter in waiters { waiter.resume(with: result) }
    }
}
