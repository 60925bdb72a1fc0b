# Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
# SPDX-License-Identifier: Apache-2.0
"""A program of no Resque, which shares the queues: it knows the keys only, and spells JSON in its own way.

ResquePeer.swift says what the words mean."""

import json
import os
import socket
import sys
import time

import redis

NAMESPACE = os.environ["NAMESPACE"]
client = redis.Redis(unix_socket_path=os.environ["REDIS_SOCKET"])


def key(*parts):
    return ":".join([NAMESPACE, *parts])


def say(value):
    print(json.dumps(value), flush=True)


def enqueue(queue, name, arguments):
    job = json.dumps({"class": name, "args": json.loads(arguments)}, ensure_ascii=False)
    client.sadd(key("queues"), queue)
    client.rpush(key("queue", queue), job.encode())


def work(*queues):
    """In this process, until nothing is left."""
    if queues == ("*",):
        names = sorted(queue.decode() for queue in client.smembers(key("queues")))
    else:
        names = queues
    worker = f"{socket.gethostname()}:{os.getpid()}:{','.join(queues)}"
    client.sadd(key("workers"), worker)
    while job := take(names):
        run(worker, *job)
    client.srem(key("workers"), worker)


def take(queues):
    for queue in queues:
        if taken := client.lpop(key("queue", queue)):
            return queue, json.loads(taken)
    return None


def run(worker, queue, job):
    client.set(key("worker", worker), json.dumps({"queue": queue, "run_at": now(), "payload": job}))
    try:
        perform(job["class"], job["args"])
        client.incr(key("stat", "processed"))
    except ValueError as error:
        # The order of Ruby's Resque.
        entry = {"failed_at": now(), "payload": job, "exception": "ValueError", "error": str(error), "backtrace": [],
                 "worker": worker, "queue": queue}
        client.rpush(key("failed"), json.dumps(entry))
        client.incr(key("stat", "failed"))
    client.delete(key("worker", worker))


def now():
    return time.strftime("%Y/%m/%d %H:%M:%S UTC", time.gmtime())


def perform(name, arguments):
    if name == "Echo":
        say(arguments)
    elif name == "Waits":
        client.blpop(key("go"))
    else:
        raise ValueError("broken")


def show():
    queues = {queue.decode(): client.llen(key("queue", queue.decode())) for queue in client.smembers(key("queues"))}
    names = [worker.decode() for worker in client.smembers(key("workers"))]
    workers = {worker: json.loads(client.get(key("worker", worker)) or "{}") for worker in names}
    # JSON of others may be of any bytes.
    failed = [json.loads(entry.decode(errors="replace")) for entry in client.lrange(key("failed"), 0, -1)]
    counts = {name: int(client.get(key("stat", name)) or 0) for name in ["processed", "failed"]}
    say({"queues": queues, "workers": workers, "failed": failed, "counts": counts})


def requeue(index):
    entry = json.loads(client.lindex(key("failed"), int(index)))
    enqueue(entry["queue"], entry["payload"]["class"], json.dumps(entry["payload"]["args"]))
    remove(index)


def remove(index):
    client.lrem(key("failed"), 1, client.lindex(key("failed"), int(index)))


{"enqueue": enqueue, "work": work, "show": show, "requeue": requeue, "remove": remove}[sys.argv[1]](*sys.argv[2:])
