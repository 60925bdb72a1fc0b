// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
package import HeroCore

/// The listening sockets: the master's, for as long as any generation uses them.
///
/// Used by the master's loop only.
final class ListenerTable {
    private struct Entry {
        let listener: ClusterPlan.Listener
        let socket: ListeningSocket
    }

    private var entries: [Entry] = []
    /// Sockets that systemd has opened and nobody has asked for yet.
    private var activated: [(name: String, descriptor: Int32)]

    init(activated: [(name: String, descriptor: Int32)] = []) {
        self.activated = activated
    }

    /// Takes over sockets from an earlier program in this process.
    func restore(_ sockets: [(ClusterPlan.Listener, Int32)]) {
        entries = sockets.map { listener, descriptor in
            Entry(listener: listener, socket: ListeningSocket(inherited: descriptor, address: listener.address))
        }
    }

    /// Opens what is missing; all of it or nothing.
    ///
    /// - Returns: What cannot be opened.
    func open(_ wanted: [ClusterPlan.Listener]) -> [String] {
        var opened: [Entry] = []
        var problems: [String] = []
        for listener in wanted where !entries.contains(where: { $0.listener == listener }) {
            if let position = entries.firstIndex(where: { $0.listener.path != nil && $0.listener.path == listener.path }
            ) {
                // The same file with other permissions.
                chmod(listener.path ?? "", listener.mode ?? 0o777)
                entries[position] = Entry(listener: listener, socket: entries[position].socket)
                continue
            }
            if let descriptor = takeActivated(listener) {
                opened.append(
                    Entry(
                        listener: listener,
                        socket: ListeningSocket(inherited: descriptor, address: listener.address)))
                continue
            }
            do throws(ListenError) {
                opened.append(
                    Entry(
                        listener: listener,
                        socket: try ListeningSocket(listener.address, mode: listener.mode ?? 0o777)))
            } catch {
                problems.append("cannot start \(listener.name) server @ \(error)")
            }
        }
        if problems.isEmpty {
            entries += opened
        } else {
            for entry in opened { entry.socket.close() }
        }
        return problems
    }

    /// By name, then by address: systemd names a socket after its unit unless told otherwise.
    private func takeActivated(_ listener: ClusterPlan.Listener) -> Int32? {
        let position =
            activated.firstIndex { $0.name == listener.name }
            ?? activated.firstIndex {
                ListeningSocket(inherited: $0.descriptor, address: listener.address).isAt(listener)
            }
        return position.map { activated.remove(at: $0).descriptor }
    }

    /// Closes what none of these needs; Unix sockets lose their files.
    func close(except wanted: [ClusterPlan.Listener]) {
        for entry in entries where !wanted.contains(entry.listener) { entry.socket.close() }
        entries.removeAll { !wanted.contains($0.listener) }
    }

    /// Sockets for a worker of a plan.
    func descriptors(for wanted: [ClusterPlan.Listener]) -> [(name: String, descriptor: Int32)] {
        wanted.compactMap { listener in
            entries.last { $0.listener == listener }.map { (listener.name, $0.socket.descriptor) }
        }
    }

    /// What is open, for the status and for a new program.
    var all: [(listener: ClusterPlan.Listener, socket: ListeningSocket)] { entries.map { ($0.listener, $0.socket) } }

    func closeAll() {
        for entry in entries { entry.socket.close() }
        entries = []
    }
}

extension ClusterPlan.Listener {
    var address: ListenAddress {
        if let path { return .unix(path: path) }
        return .tcp(host: host ?? "::", port: port ?? 0)
    }

    package init(name: String, _ address: ListenAddress, mode: UInt32) {
        self.init(name: name)
        switch address {
        case .tcp(let host, let port): (self.host, self.port) = (host, port)
        case .unix(let path): (self.path, self.mode) = (path, mode)
        }
    }
}

extension ListeningSocket {
    /// Whether an inherited socket listens where it is wanted.
    fileprivate func isAt(_ listener: ClusterPlan.Listener) -> Bool {
        if let path = listener.path { return boundPath == path }
        return boundPort == listener.port
    }
}
