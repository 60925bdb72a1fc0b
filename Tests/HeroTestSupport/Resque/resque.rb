# Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
# SPDX-License-Identifier: Apache-2.0
#
# What tests ask of Ruby's Resque. ResquePeer.swift says what the words mean.

require "json"
require "resque"

client = Redis.new(path: ENV.fetch("REDIS_SOCKET"))
Resque.redis = Redis::Namespace.new(ENV.fetch("NAMESPACE"), redis: client)

def say(value)
  puts JSON.generate(value)
  $stdout.flush
end

class Echo
  def self.perform(*arguments) = say(arguments)
end

class Fails
  def self.perform(*) = raise(ArgumentError, "broken")
end

class Waits
  def self.perform(*) = Resque.redis.blpop("go", timeout: 0)
end

words = ARGV.dup
case words.shift
when "enqueue"
  queue, name, arguments = words
  Resque::Job.create(queue, name, *JSON.parse(arguments))
when "work"
  # In this process, until nothing is left.
  ENV["FORK_PER_JOB"] = "false"
  Resque::Worker.new(*words).work(0)
when "show"
  say(
    queues: Resque.queues.to_h { |queue| [queue, Resque.size(queue)] },
    workers: Resque.workers.to_h { |worker| [worker.to_s, worker.job] },
    failed: Resque::Failure.all(0, 1000), counts: { processed: Resque.info[:processed], failed: Resque.info[:failed] }
  )
when "requeue" then Resque::Failure.requeue(Integer(words[0]))
when "remove" then Resque::Failure.remove(Integer(words[0]))
else abort "what is that?"
end
