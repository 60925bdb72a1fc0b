# Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
# SPDX-License-Identifier: Apache-2.0
#
# What Sidekiq's workers load, and, with a verb, what enqueues for them and says how long it took.

require "sidekiq"

# A warning for each call would be measured, too.
Redis.silence_deprecations = true
Redis.sadd_returns_boolean = false

address = { url: "unix://#{ENV.fetch("REDIS_SOCKET")}" }
Sidekiq.configure_server do |config|
  config.redis = address
  # No lines about single jobs.
  config.logger.level = Logger::WARN
end
Sidekiq.configure_client { |config| config.redis = address }

class Noop
  include Sidekiq::Worker

  def perform(number) = number
end

def timed
  start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
  processor = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID)
  yield
  puts Process.clock_gettime(Process::CLOCK_MONOTONIC) - start,
       Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID) - processor
end

verb, count = ARGV
case verb
when "single" then timed { count.to_i.times { |number| Noop.perform_async(number) } }
when "bulk"
  # As many at a time as its documents advise.
  jobs = (0...count.to_i).each_slice(1000).map { |numbers| numbers.map { |number| [number] } }
  timed { jobs.each { |some| Sidekiq::Client.push_bulk("class" => Noop, "args" => some) } }
end
