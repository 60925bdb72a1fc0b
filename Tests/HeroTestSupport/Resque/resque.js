// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0
//
// What tests ask of node-resque. ResquePeer.swift says what the words mean.

"use strict";
const Redis = require("ioredis");
const { Queue, Scheduler, Worker } = require("node-resque");

const [verb, ...words] = process.argv.slice(2);
const namespace = process.env.NAMESPACE;
const redis = new Redis({ path: process.env.REDIS_SOCKET, maxRetriesPerRequest: null });
const connection = { redis, namespace };
const say = (value) => console.log(JSON.stringify(value));
const jobs = {
  Echo: { perform: async (...args) => say(args) },
  Fails: {
    perform: async () => {
      throw new TypeError("broken");
    },
  },
  Waits: { perform: async () => redis.duplicate().blpop(`${namespace}:go`, 0) },
};

async function work(queues) {
  const worker = new Worker({ connection, queues, timeout: 10 }, jobs);
  await worker.connect();
  const idle = new Promise((resolve) => worker.on("pause", resolve));
  worker.on("error", () => {});
  worker.on("failure", () => {});
  await worker.start();
  await idle;
  await worker.end();
}

/** Leads until nothing is delayed. */
async function promote() {
  const scheduler = new Scheduler({ connection, timeout: 10 });
  await scheduler.connect();
  await scheduler.start();
  while ((await redis.exists(`${namespace}:delayed_queue_schedule`)) > 0) {
    await new Promise((resolve) => scheduler.once("poll", resolve));
  }
  await scheduler.end();
}

async function main() {
  const queue = new Queue({ connection }, jobs);
  await queue.connect();
  if (verb === "enqueue") {
    await queue.enqueue(words[0], words[1], JSON.parse(words[2]));
  } else if (verb === "delay") {
    await queue.enqueueAt(Number(words[0]), words[1], words[2], JSON.parse(words[3]));
  } else if (verb === "work") {
    await work(words);
  } else if (verb === "promote") {
    await promote();
  } else if (verb === "show") {
    const [names, running, all] = [await queue.queues(), await queue.allWorkingOn(), await queue.workers()];
    const [queues, workers] = [{}, {}];
    for (const name of names) queues[name] = await queue.length(name);
    for (const [name, on] of Object.entries(all)) {
      workers[on === "" ? name : `${name}:${on}`] = running[name] === "started" ? {} : running[name];
    }
    const stats = await queue.stats();
    say({
      queues,
      workers,
      failed: await queue.failed(0, -1),
      counts: { processed: Number(stats.processed ?? 0), failed: Number(stats.failed ?? 0) },
    });
  } else if (verb === "requeue" || verb === "remove") {
    const entry = (await queue.failed(0, -1))[Number(words[0])];
    if (verb === "remove") await queue.removeFailed(entry);
    else await queue.retryAndRemoveFailed(entry);
  } else {
    throw new Error("what is that?");
  }
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
