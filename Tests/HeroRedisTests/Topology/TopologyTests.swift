// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Testing

/// Sets of servers that are killed, stopped and moved: one at a time, since each has six processes.
@Suite("topologies", .serialized, .timeLimit(.minutes(10)))
struct TopologyTests {}
