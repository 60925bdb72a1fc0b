# Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
# SPDX-License-Identifier: Apache-2.0
"""Random model test for the scripts of background jobs (Sources/HeroTasks/Scripts).

    python3 jobs_model.py SCRIPTS.json redis://127.0.0.1:6379 [--seeds 20] [--steps 5000] [--first 1] [--full]

SCRIPTS.json maps names to texts; the test that runs this writes it. The Redis must hold nothing else: every seed begins
with FLUSHDB. In a cluster the node that holds the namespace `{resque}` is looked up. `--full` also tries a server that is
out of memory; it changes `maxmemory` and puts it back.

The model keeps its own idea of every queue, of what each process holds, of retry, dead and the counters. After each step
all of it is read back and compared, so order in the queues is compared too. A step is a call whose reply may be lost (the
client repeats it), a late duplicate of any earlier call, a crash, a lease that ends, a reaper that stops half-way, or a
graceful stop. Every seed is printed; a failure is repeated with `--first SEED --seeds 1`.
"""
import argparse, collections, hashlib, json, random, sys
import resp

QUEUES = ["high", "mid:x", "läw"]                       # a colon and two-byte letters: lengths count bytes
WINDOW, NEVER = 1000 * 3600 * 72, 10 ** 9             # milliseconds


class Scripts:
    """The scripts behind EVALSHA, with EVAL on NOSCRIPT."""

    def __init__(self, db, texts, namespace):
        self.text, self.db, self.namespace = texts, db, namespace

    def key(self, *parts):
        return ":".join((self.namespace,) + parts)

    def __call__(self, name, keys, *args):
        source = self.text[name]
        arguments = [len(keys), *[self.key(k) for k in keys], *args]
        try:
            return self.db("EVALSHA", hashlib.sha1(source.encode()).hexdigest(), *arguments)
        except resp.Refused as error:
            if not str(error).startswith("NOSCRIPT"):
                raise
            return self.db("EVAL", source, *arguments)


LONGEST, DATE = 1 << 20, "Thu Jan 01 1970 00:00:00 GMT+0000 (Coordinated Universal Time)"


def CLAIM_KEYS(owner):
    return ["leases", "held:" + owner, "attempts", "paused", "kept", "dead", "failed", "stat:failed", "cursors"]


def FINISH_KEYS(owner):
    return ["leases", "held:" + owner, "attempts", "kept", "retry", "dead", "failed", "stat:processed", "stat:failed",
            "stat:expired", "batches:ended"]


def REAP_KEYS(owner):
    return ["leases", "held:" + owner, "attempts", "kept", "dead", "failed", "stat:failed", "owners", "batches:ended"]


def pairs(flat):
    return dict(zip(flat[::2], flat[1::2]))


def packed(queue, payload):
    return str(len(queue.encode())).encode() + b":" + queue.encode() + payload


def sha(payload):
    return hashlib.sha1(payload).hexdigest()


class Process:
    """One process incarnation: what it is allowed (lease), what Redis should hold for it, what it has sent."""

    def __init__(self, owner):
        self.owner, self.running, self.lease = owner, True, "live"
        self.next, self.last, self.marked = 1, 0, []
        self.held, self.suspects, self.sent = {}, set(), []


class Model:
    def __init__(self, db, texts, seed, namespace="{resque}"):
        self.random, self.db, self.call = random.Random(seed), db, Scripts(db, texts, namespace)
        self.queues = {q: [] for q in QUEUES}
        self.processes, self.retry, self.dead, self.attempts = {}, {}, {}, {}
        self.enqueued, self.done = collections.Counter(), collections.Counter()
        self.processed = self.failed = self.count = 0
        self.allowed = 1 + seed % 3                     # crashes before a job is given up
        self.seen = collections.Counter()               # how often each operation really did something
        db("FLUSHDB")

    # -- a call over a bad network -------------------------------------------------------------------------------

    def send(self, process, name, keys, *args):
        """Runs a script; the request or the reply may be lost, then it is sent again. Returns (first, last) answer."""
        if process:
            process.sent.append((name, keys, args))
        first = self.answer(name, keys, *args)
        if self.random.random() < 0.15:
            self.seen["reply lost"] += 1
            return first, self.answer(name, keys, *args)
        return first, first

    def answer(self, name, keys, *args):
        if self.random.random() < 0.002:
            self.db("SCRIPT", "FLUSH")
        try:
            return self.call(name, keys, *args)
        except resp.Refused as error:
            if str(error).split()[0] in ("LOST", "SPENT"):
                return str(error).split()[0]
            raise

    def pick(self, condition):
        found = [p for p in self.processes.values() if condition(p)]
        return self.random.choice(found) if found else None

    # -- operations ----------------------------------------------------------------------------------------------

    def enqueue(self):
        queue = self.random.choice(QUEUES)
        for _ in range(self.random.choice([1, 1, 3, 12])):
            self.count += 1
            number = self.count if self.random.random() < 0.8 else self.count % 5     # some payloads are equal
            payload = b'{"class":"t","queue":"%s","args":[%d,[],9007199254740993]}' % (queue.encode(), number)
            if self.random.random() < 0.05:
                payload = b"\xff\x00 3:not {json %d" % number
            self.db("RPUSH", self.call.key("queue", queue), payload)
            self.queues[queue].append(payload)
            self.enqueued[payload] += 1

    def start(self):
        if sum(p.running for p in self.processes.values()) < 5:
            process = Process("host:%d~%x" % (self.random.randrange(3), self.random.getrandbits(48)))
            self.processes[process.owner] = process
            assert self.send(process, "start", ["leases", "owners"], process.owner, NEVER, "{}")[1] == 1

    def claim(self):
        process = self.pick(lambda p: p.running)
        if not process:
            return
        want, order = self.random.choice([0, 1, 1, 3, 10, 30]), self.random.choices(QUEUES, k=self.random.randint(1, 4))
        first, process.next = process.next, process.next + want
        keys = CLAIM_KEYS(process.owner) + ["queue:" + q for q in order]
        answers = self.send(process, "claim", keys, process.owner, first, want, 1 << 24, LONGEST, DATE, *order)
        if process.lease != "live":
            assert answers == ("LOST", "LOST"), answers
            return
        if want == 0:
            assert answers == ([], []), answers
            return
        got = []
        for queue in order:
            while self.queues[queue] and len(got) < want:
                got.append((queue, self.queues[queue].pop(0)))
        process.last, expected = first, []
        for i, (queue, payload) in enumerate(got):
            process.held[first + i] = (queue, payload)
            f, c, _ = self.attempts.get(sha(payload), (0, 0, 0))
            expected += [first + i, packed(queue, payload), (f, c)]
            if f or c:
                process.suspects.add(first + i)
        for answer in answers:
            shown = [x if i % 3 < 2 else tuple(int(n) for n in x.split()[:2]) or (0, 0) for i, x in enumerate(answer)]
            assert shown == expected, (shown, expected)
        self.seen["claimed"] += len(got)

    def finish(self):
        process = self.pick(lambda p: p.running and p.held)
        if not process:
            return
        numbers = self.random.sample(sorted(process.held), self.random.randint(1, min(len(process.held), 40)))
        self.report(process, {n: self.random.choices(["done", "retry", "failed", "requeue"], [16, 2, 1, 1])[0]
                              for n in numbers})

    def report(self, process, outcomes):
        """Sends outcomes of held jobs and moves them in the model if the lease is live."""
        done = [n for n in outcomes if outcomes[n] == "done" and n not in process.suspects]
        rest = sorted((n for n in outcomes if n not in done), reverse=True)
        keys = FINISH_KEYS(process.owner) + ["queue:" + q for q in QUEUES]
        args, moves = [process.owner, len(done), *done], []
        for n in rest:
            queue, payload = process.held[n]
            delay = self.random.choice([0, NEVER])
            argument = {"done": "", "retry": delay, "failed": b"entry " + payload, "requeue": 12 + QUEUES.index(queue)}
            args += [n, outcomes[n] if outcomes[n] != "done" else "cleared", argument[outcomes[n]], ""]
            moves.append((n, outcomes[n], delay == 0))
        past = self.random.randrange(process.next)
        strange = past not in process.held              # finished long ago
        if strange:
            args += [past, "retry", 0, ""]
        first, last = self.send(process, "finish", keys, *args)
        if process.lease != "live":
            assert first == last == "LOST", (first, last)
            self.seen["finish fenced"] += 1
            return
        assert first == [len(done)] + [1] * len(rest) + [0] * strange, first
        assert last in (first, [0] * len(first)), last
        for n in done:
            self.complete(process, n)
        for n, outcome, due in moves:
            queue, payload = process.held[n]
            f, c, old = self.attempts.get(sha(payload), (0, 0, False))
            if outcome == "done":
                self.attempts.pop(sha(payload), None)
                self.complete(process, n)
                continue
            if outcome == "requeue":
                self.queues[queue].insert(0, payload)
            elif outcome == "retry":
                self.attempts[sha(payload)] = (f + 1, c, False)
                self.retry["%s~%d" % (process.owner, n)] = (due, queue, payload)
                self.failed += 1
            else:
                self.bury(process.owner, n, queue, payload)
            del process.held[n]
            self.seen[outcome] += 1

    def complete(self, process, n):
        self.done[process.held.pop(n)[1]] += 1
        self.processed += 1

    def bury(self, owner, n, queue, payload):
        self.attempts.pop(sha(payload), None)
        self.dead["%s~%d" % (owner, n)] = (queue, payload)
        self.failed += 1

    def renew(self):
        process = self.pick(lambda p: p.running)
        if process:
            _, fields = self.send(process, "renew", ["leases", "held:" + process.owner], process.owner, NEVER)
            if process.lease == "live":
                assert {f for f in fields if f not in (b"#", b"!")} == {b"%d" % n for n in process.held}
            else:
                assert fields == "LOST"

    def mark(self):
        process = self.pick(lambda p: p.running and p.suspects & set(p.held))
        if process:
            running = sorted(process.suspects & set(process.held))
            running = self.random.sample(running, self.random.randint(1, len(running)))
            if self.send(None, "mark", ["leases", "held:" + process.owner], process.owner, *running)[1] == 1:
                process.marked = running

    def duplicate(self):
        """Any earlier call arrives once more: nothing may change."""
        process = self.pick(lambda p: p.sent)
        if process:
            name, keys, args = self.random.choice(process.sent[-40:])
            answer = self.answer(name, keys, *args)
            self.seen["late " + name] += 1
            if name == "start" and process.lease in ("gone", "ended"):
                assert answer == 0
            elif name == "claim" and args[2] > 0:
                first, want = args[1], args[2]
                there = [n for n in sorted(process.held) if first <= n < first + want]
                expected = "LOST" if process.lease != "live" else "SPENT" if first < process.last else there
                assert (answer[::3] if isinstance(answer, list) else answer) == expected, (answer, expected)

    def crash(self):
        process = self.pick(lambda p: p.running)
        if process:
            process.running = False

    def expire(self):
        """The lease of a process that is dead, or only slow (a zombie), ends."""
        process = self.pick(lambda p: p.lease == "live")
        if process and self.random.random() < 0.3:
            self.end(process)

    def end(self, process):
        self.db("ZADD", self.call.key("leases"), 1, process.owner)
        process.lease = "ending"

    def reap(self):
        proven = self.random.random() < 0.5
        process = self.pick(lambda p: (not p.running and p.lease == "live") if proven else p.lease == "ending")
        if not process:
            process = self.pick(lambda p: p.running and p.lease == "live")
            if process:
                arguments = [process.owner, 0, "", self.allowed, WINDOW]
                assert self.send(None, "reap", self.reap_keys(process), *arguments)[1] == [-1]
            return
        culprit = None
        if process.held and self.random.random() < 0.4:  # the crash handler named a job; a suspect, if any
            culprit = max(sorted(process.held), key=lambda n: (
                self.attempts.get(sha(process.held[n][1]), (0, 0))[1], self.random.random()))
        for _ in range(self.random.choice([1, 1000])):  # one call only: this reaper dies half-way
            batch = sorted(process.held, reverse=True)[:self.random.choice([3, 100])]
            args = [process.owner, int(proven), culprit or "", self.allowed, WINDOW]
            for n in batch:
                args += [n, 10 + QUEUES.index(process.held[n][0]), b"entry " + process.held[n][1], ""]
            past = self.random.randrange(process.next)
            if past not in process.held:                # the reaper had read held before a late finish arrived
                args += [past, 10, b"entry", ""]
            first, last = self.send(process, "reap", self.reap_keys(process), *args)
            given_up = []
            for n in batch:
                queue, payload = process.held.pop(n)
                f, c, old = self.attempts.get(sha(payload), (0, 0, False))
                c = 0 if old else c
                guilty = n == culprit if culprit else c == 0 or n in process.marked
                if guilty and c + 1 > self.allowed:
                    given_up.append(b"%d" % n)
                    self.bury(process.owner, n, queue, payload)
                    self.seen["poison"] += 1
                    continue
                if guilty:
                    self.attempts[sha(payload)] = (f, c + 1, False)
                self.queues[queue].insert(0, payload)
                self.seen["reaped"] += 1
            assert first == [len(process.held)] + given_up, (first, given_up)
            assert last == first or last == [len(process.held)], last
            process.lease = "ending" if process.held else "gone"
            if not process.held:
                process.last = 0
                break
            proven = self.random.random() < 0.5

    def reap_keys(self, process):
        return REAP_KEYS(process.owner) + ["queue:" + q for q in QUEUES]

    def stop(self):
        process = self.pick(lambda p: p.running)
        if not process or self.random.random() < 0.7:
            return
        process.running = False
        leave = ["leases", "held:" + process.owner, "owners"]
        if process.held and process.lease == "live":
            assert self.answer("leave", leave, process.owner) == 0
        while process.held and process.lease == "live":
            self.report(process, {n: "requeue" for n in sorted(process.held, reverse=True)[:100]})
        if process.lease == "live":
            assert self.send(process, "leave", leave, process.owner)[1] == 1
            process.lease, process.last = "ended", 0

    def promote(self):
        some = self.random.sample(sorted(self.retry), min(len(self.retry), 5))
        args = []
        for id in some:
            args += [id, 4 + QUEUES.index(self.retry[id][1]), self.retry[id][1]]
        first, _ = self.send(None, "promote", ["retry", "kept", "queues"] + ["queue:" + q for q in QUEUES], *args)
        moved = [id for id in some if self.retry[id][0]]
        assert first == len(moved), (first, moved)
        for id in moved:
            _, queue, payload = self.retry.pop(id)
            self.queues[queue].append(payload)

    def age(self):
        """A counter grows older than the window, a retry becomes due, an old owner is forgotten."""
        if self.attempts:
            key = self.random.choice(sorted(self.attempts))
            f, c, _ = self.attempts[key]
            self.db("HSET", self.call.key("attempts"), key, "%d %d 0" % (f, c))
            self.attempts[key] = (f, c, True)
        for id in list(self.retry)[:3]:
            self.db("ZADD", self.call.key("retry"), 1, id)
            self.retry[id] = (True,) + self.retry[id][1:]

    # -- comparison ----------------------------------------------------------------------------------------------

    def check(self):
        key = self.call.key
        live = [p for p in self.processes.values() if p.lease not in ("gone", "ended")]
        commands = [("LRANGE", key("queue", queue), 0, -1) for queue in QUEUES]
        commands += [("HGETALL", key(name)) for name in ("kept", "attempts")]
        commands += [("ZRANGE", key(name), 0, -1) for name in ("retry", "dead")]
        commands += [("ZRANGE", key("leases"), 0, -1, "WITHSCORES"),
                     ("MGET", key("stat", "processed"), key("stat", "failed")), ("LLEN", key("failed"))]
        commands += [("HGETALL", key("held", process.owner)) for process in live]
        answers = self.db.pipeline(commands)
        for queue, answer in zip(QUEUES, answers):
            assert answer == self.queues[queue], ("queue", queue, answer, self.queues[queue])
        answers[3], answers[4] = pairs(answers[3]), pairs(answers[4])
        answers[7] = [(o, float(d)) for o, d in pairs(answers[7]).items()]
        answers[10:] = [pairs(a) for a in answers[10:]]
        kept, attempts, retry, dead, leases, stats, entries = answers[3:10]
        wanted = {id.encode(): packed(q, p) for id, (_, q, p) in self.retry.items()}
        wanted.update({id.encode(): packed(q, p) for id, (q, p) in self.dead.items()})
        wanted.update({(id + ":f").encode(): b"entry " + p for id, (q, p) in self.dead.items()})
        entries_of = {b"entry " + p for _, p in self.dead.values()}
        for entry in entries_of:                        # of equal entries one is remembered
            id = kept.get(b"f:" + sha(entry).encode())
            assert id and b"entry " + self.dead[id.decode()][1] == entry, "digest of an entry"
            wanted[b"f:" + sha(entry).encode()] = id
        assert kept == wanted, "kept"
        assert {k.decode(): tuple(map(int, v.split()[:2])) for k, v in attempts.items()} == {
            k: v[:2] for k, v in self.attempts.items()}, "attempts"
        assert sorted(retry) == sorted(id.encode() for id in self.retry), "retry"
        assert sorted(dead) == sorted(id.encode() for id in self.dead) and entries == len(dead), "dead"
        assert {o.decode(): score > 10 ** 6 for o, score in leases} == {p.owner: p.lease == "live" for p in live}, (
            "leases", leases, [(p.owner, p.lease) for p in live])
        assert [int(s or 0) for s in stats] == [self.processed, self.failed], "statistics"
        total = collections.Counter(self.done)
        for process, fields in zip(live, answers[10:]):
            fields.pop(b"!", None)
            assert int(fields.pop(b"#", 0)) == process.last, "last number"
            assert fields == {b"%d" % n: packed(*j) for n, j in process.held.items()}, ("held", process.owner)
            total.update(j[1] for j in process.held.values())
        for jobs in [*self.queues.values(), [j[2] for j in self.retry.values()], [j[1] for j in self.dead.values()]]:
            total.update(jobs)
        assert total == self.enqueued, "a job was lost or doubled"

    def run(self, steps):
        operations = {self.enqueue: 8, self.claim: 14, self.finish: 14, self.renew: 4, self.mark: 6, self.duplicate: 8,
                      self.crash: 3, self.expire: 4, self.reap: 8, self.stop: 1, self.start: 5, self.promote: 4,
                      self.age: 1}
        names, weights = list(operations), list(operations.values())
        for step in range(steps):
            operation = self.random.choices(names, weights)[0]
            if operation == self.enqueue and sum(map(len, self.queues.values())) > 150:
                operation = self.claim                  # keep the queues short: all of them are compared at every step
            try:
                operation()
                self.check()
            except Exception:
                print("step", step, operation.__name__, file=sys.stderr)
                raise
            if step % 200 == 0:                         # forget those at rest, so that late duplicates stay interesting
                for owner in [o for o, p in self.processes.items() if p.lease in ("gone", "ended")][:-4]:
                    del self.processes[owner]
        return self.seen


# -- directed tests -------------------------------------------------------------------------------------------------

def small_world(db, texts, namespace="{resque}"):
    """One process that holds five jobs of eight; returns a caller and a function that counts the copies of each job."""
    db("FLUSHDB")
    call, queue, owner = Scripts(db, texts, namespace), "q", "host:1~a"
    payloads = [b'{"class":"t","queue":"q","args":[%d]}' % i for i in range(8)]
    db("RPUSH", call.key("queue", queue), *payloads)
    call("start", ["leases", "owners"], owner, NEVER, "{}")
    call("claim", CLAIM_KEYS(owner) + ["queue:q"], owner, 1, 5, 1 << 24, LONGEST, DATE, queue)

    def copies():
        seen = collections.Counter()
        for name in ("queue:q", "held:" + owner, "kept"):
            key = call.key(name)
            kind = db("TYPE", key)
            values = db("LRANGE", key, 0, -1) if kind == b"list" else db("HVALS", key) if kind == b"hash" else []
            seen.update(p for p in payloads for v in values if v.endswith(p))
        return [seen[p] for p in payloads]
    return call, owner, copies


def calls(owner, number=3):
    """Each call that moves a job, as the arguments of Scripts."""
    finish, reap = FINISH_KEYS(owner) + ["queue:q"], REAP_KEYS(owner) + ["queue:q"]
    return {
        "start": ("start", ["leases", "owners"], owner + "b", NEVER, "{}"),
        "claim": ("claim", CLAIM_KEYS(owner) + ["queue:q"], owner, 6, 2, 1 << 24, LONGEST, DATE, "q"),
        "too long": ("claim", CLAIM_KEYS(owner) + ["queue:q"], owner, 6, 2, 1 << 24, 5, DATE, "q"),
        "done": ("finish", finish, owner, 1, number),
        "cleared": ("finish", finish, owner, 0, number, "cleared", "", ""),
        "retry": ("finish", finish, owner, 0, number, "retry", 0, ""),
        "failed": ("finish", finish, owner, 0, number, "failed", b"entry", ""),
        "requeue": ("finish", finish, owner, 0, number, "requeue", 12, ""),
        "renew": ("renew", ["leases", "held:" + owner], owner, NEVER),
        "mark": ("mark", ["leases", "held:" + owner], owner, number),
        "reap": ("reap", reap, owner, 1, "", 3, WINDOW, number, 10, b"entry", ""),
        "poison": ("reap", reap, owner, 1, "", 0, WINDOW, number, 10, b"entry", ""),
        "promote": ("promote", ["retry", "kept", "queues", "queue:q"], owner + "~2", 4, "q"),
    }


def try_errors(db, texts):
    """A command that fails in the middle of a script leaves a job at least once, never not at all."""
    tried = 0
    for name in calls(""):
        for broken in ("leases", "attempts", "kept", "retry", "dead", "failed", "stat:processed", "stat:failed",
                       "owners", "queues", "paused", "stat:expired", "batches:ended", "queue:q"):
            call, owner, copies = small_world(db, texts)
            if name == "promote":
                call(*calls(owner, 2)["retry"])
            script, keys, *args = calls(owner)[name]
            if broken == "queue:q":
                broken, keys = "queue:bad", ["queue:bad" if k == "queue:q" else k for k in keys]
            key = call.key(broken)
            if broken == "kept" and db("EXISTS", key):
                continue                                # breaking it would itself lose jobs
            db("DEL", key)
            db("SET", key, "x")
            before = copies()
            try:
                call(script, keys, *args)
            except resp.Refused:
                tried += 1
            over = [2] if name in ("done", "cleared") else []        # number 3 may be gone
            assert all(n for i, n in enumerate(copies()) if before[i] and i not in over), (name, broken, copies())
    print("a failing command in the middle:", tried, "cases, nothing lost")


def try_full(db, texts):
    """Out of memory: what only adds is refused, whatever moves or frees goes on."""
    old = pairs(db("CONFIG", "GET", "maxmemory*"))
    results = {}
    try:
        for name in calls(""):
            db("CONFIG", "SET", "maxmemory", 0)
            call, owner, copies = small_world(db, texts)
            if name == "promote":
                call(*calls(owner, 2)["retry"])
            db("CONFIG", "SET", "maxmemory-policy", "noeviction")
            db("CONFIG", "SET", "maxmemory", 1)               # everything that may be refused is refused
            try:
                db("RPUSH", call.key("queue:q"), "one more")
                raise AssertionError("enqueue was not refused")
            except resp.Refused as error:
                assert str(error).startswith("OOM"), error
            try:
                call(*calls(owner)[name])
                results[name] = "works"
            except resp.Refused as error:
                results[name] = str(error)
            db("CONFIG", "SET", "maxmemory", 0)
            assert sum(copies()) == (7 if name in ("done", "cleared") else 8), (name, copies())
    finally:
        for name in ("maxmemory", "maxmemory-policy"):
            db("CONFIG", "SET", name, old[name.encode()])
    print("out of memory:", results)
    assert set(results.values()) == {"works"}


def try_batches(db, texts):
    """A batch ends once, whichever way its jobs end, and however often they are reported."""
    for way in ("cleared", "failed", "expired", "dropped", "reap"):
        call, owner, copies = small_world(db, texts)
        batch = ["batch:b", "batch:b:jobs"]
        db("HSET", call.key("batch:b"), "id", "b", "state", "open")
        db("SADD", call.key("batch:b:jobs"), "1", "2")
        assert call("close", batch + ["batches:ended"], "b") == 0
        keys, ended = FINISH_KEYS(owner) + batch, []
        for number in ("1", "1", "2"):
            if way == "reap":
                call("reap", REAP_KEYS(owner) + ["queue:q"] + batch, owner, 1, "", 0, WINDOW, number, 10, b"entry",
                     "11:" + number)
            else:
                ended += call("finish", keys, owner, 0, number, way, b"", "12:" + number)[2:]
            assert db("SCARD", call.key("batches:ended")) == (1 if number == "2" else 0), way
        assert ended == ([] if way == "reap" else [b"b"]), (way, ended)
        assert int(db("HGET", call.key("batch:b"), "failed") or 0) == (0 if way == "cleared" else 2), way
        settle = ["batches:ended", "batch:b", "batch:b:jobs", "queues", "queues", "queues", "queue:after"]
        for expected in (1, 0):
            assert call("settle", settle, "b", "", "", 1000, 7, "after", b"job") == expected
        assert db("LRANGE", call.key("queue:after"), 0, -1) == [b"job"]
        assert db("SCARD", call.key("batches:ended")) == 0
    print("batches: 5 ways, each ended once")


def node_of(url, namespace="{resque}"):
    """The Redis that holds the namespace: itself, or in a cluster the owner of its slot."""
    db = resp.Connection(url)
    if b"cluster_enabled:1" not in db("INFO", "cluster"):
        return db
    slot = db("CLUSTER", "KEYSLOT", namespace)
    for first, last, node, *_ in db("CLUSTER", "SLOTS"):
        if first <= slot <= last:
            return resp.Connection("redis://%s:%d" % (node[0].decode(), node[1]))
    raise SystemExit("no node holds slot %d" % slot)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("scripts")
    parser.add_argument("url")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args()
    with open(options.scripts, encoding="utf-8") as file:
        texts = json.load(file)
    db = node_of(options.url)
    try_errors(db, texts)
    if options.full:
        try_full(db, texts)
    try_batches(db, texts)
    for seed in range(options.first, options.first + options.seeds):
        print("seed", seed, dict(sorted(Model(db, texts, seed).run(options.steps).items())), flush=True)
