// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import HeroRedis
internal import HeroSystem
internal import NIOCore

// What the machine asks of Redis. Each answer is an event of the machine, which waits for it; after a stop nobody does.
extension TaskWorkers {
    private var lease: Int { machine.settings.lease / 1_000_000 }

    private func ask(_ work: @escaping @Sendable (JobStore) async -> Answer) {
        Task(executorPreference: executor) { [store] in
            let answer = await work(store)
            self.onLoop { answer($0, $1) }
        }
    }

    typealias Answer = @Sendable (TaskWorkers, Int) -> [WorkerAction]

    func start(_ era: Int) {
        let (owner, lease, who) = (owner(era), lease, identity.who)
        ask { store in
            do throws(RedisError) {
                let isOwner = try await store.start(owner, lease: lease, who: who)
                return { $0.machine.started(era: era, isOwner: isOwner, now: $1) }
            } catch { return { $0.machine.startFailed(era: era, now: $1) } }
        }
    }

    func renew(_ era: Int) {
        let (owner, lease) = (owner(era), lease)
        ask { store in
            do throws(RedisError) {
                switch try await store.renew(owner, lease: lease) {
                case .held(let numbers): return { $0.machine.renewed(era: era, numbers, now: $1) }
                case .lost: return { $0.machine.lost(era: era, now: $1) }
                }
            } catch { return { $0.machine.renewalFailed(era: era, now: $1) } }
        }
    }

    func mark(_ era: Int, _ running: [Int]) {
        let owner = owner(era)
        ask { store in
            do throws(RedisError) {
                let answer = try await store.mark(owner, running: running)
                Failpoint.reach("suspect.marked", store.client)
                switch answer {
                case .yes, .no: return { $0.machine.marked(era: era, now: $1) }
                case .lost: return { $0.machine.lost(era: era, now: $1) }
                }
            } catch { return { $0.machine.markFailed(era: era, now: $1) } }
        }
    }

    func send(_ turn: WorkerTurn) {
        let owner = owner(turn.era)
        ask { store in
            if turn.claim != nil { Failpoint.reach("claim.before", store.client) }
            var (finish, claim) = (TurnReply<FinishAnswer>.none, TurnReply<ClaimAnswer>.none)
            if let order = turn.claim, !turn.finish.isEmpty {
                let answers = await store.turn(owner, finish: turn.finish, claim: order)
                (finish, claim) = (TurnReply(answers.finish), TurnReply(answers.claim))
            } else if let order = turn.claim {
                do throws(RedisError) { claim = .answer(try await store.claim(owner, order)) } catch {
                    claim = TurnReply(.failure(error))
                }
            } else {
                do throws(RedisError) { finish = .answer(try await store.finish(owner, turn.finish)) } catch {
                    finish = TurnReply(.failure(error))
                }
            }
            // Here nobody knows yet what Redis has done.
            if !turn.finish.isEmpty { Failpoint.reach("finish.sent", store.client) }
            if case .answer(.jobs(let jobs)) = claim, !jobs.isEmpty { Failpoint.reach("claim.sent", store.client) }
            return { [finish, claim] in
                let actions = $0.machine.answered(turn: turn.id, finish: finish, claim: claim, now: $1)
                if !turn.finish.isEmpty { Failpoint.reach("finish.answered", store.client) }
                return actions
            }
        }
    }

    func adopt(_ era: Int, _ numbers: Set<Int>) {
        let owner = owner(era)
        ask { store in
            // Who gets no answer finds them again at the next renewal.
            let held = (try? await store.heldNumbers(owner)) ?? []
            let wanted = held.filter { numbers.isEmpty || numbers.contains($0) }
            let jobs = (try? await store.held(owner, wanted).jobs) ?? []
            return { $0.machine.adopted(era: era, jobs, now: $1) }
        }
    }

    func leave(_ era: Int) {
        let owner = owner(era)
        ask { store in
            do throws(RedisError) {
                let isEmpty = try await store.leave(owner)
                return { $0.machine.left(era: era, isEmpty: isEmpty, now: $1) }
            } catch { return { $0.machine.leaveFailed(era: era, now: $1) } }
        }
    }

    func listQueues() {
        ask { store in
            let names = try? await store.client.send(store.command("SMEMBERS", store.keys.queues)).elements
            let queues = names?.compactMap(\.text)
            return { $0.machine.listed(queues, now: $1) }
        }
    }

    func settle(_ batches: [String]) {
        ask { store in
            // What fails here is found by the scheduler's housekeeping.
            _ = try? await QueueAPI(store).settle(batches)
            return { _, _ in [] }
        }
    }
}

extension TurnReply {
    init(_ result: Result<Answer, RedisError>) {
        switch result {
        case .success(let answer): self = .answer(answer)
        case .failure(let error):
            self =
                error.kind == .refused
                ? .refused(code: String(error.code), error.message) : .unknown(error.message)
        }
    }
}
