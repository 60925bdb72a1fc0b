// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import Glibc
package import HeroSystem

/// The listening sockets: the master's, for as long as any generation uses them.
///
/// Used by the master's loop only.
final class ListenerTable {
    private struct Entry {
        let listener: ClusterPlan.Listener
        let socket: ListeningSocket
        /// The name under which systemd handed it over; `nil` when the master has opened it.
        var activatedAs: String?

        /// Whether somebody has removed the file of a Unix socket of the master's own: no client reaches it then.
        var isWithoutFile: Bool {
            guard activatedAs == nil, let path = listener.path else { return false }
            var status = stat()
            return lstat(path, &status) != 0 && errno == ENOENT
        }
    }

    private var entries: [Entry] = []
    /// Sockets that systemd has opened and no server asks for.
    private(set) var activated: [ActivatedSocket]

    init(activated: [ActivatedSocket] = []) {
        self.activated = activated
    }

    /// Takes over sockets from an earlier program in this process.
    func restore(_ sockets: [HandOver.Socket], activated: [ActivatedSocket]) {
        entries = sockets.map { Self.entry($0.listener, $0.descriptor, activatedAs: $0.activatedAs) }
        for socket in activated { _ = fcntl(socket.descriptor, F_SETFD, FD_CLOEXEC) }
        self.activated = activated
    }

    private static func entry(
        _ listener: ClusterPlan.Listener, _ descriptor: Int32, activatedAs name: String?
    ) -> Entry {
        let socket = ListeningSocket(inherited: descriptor, address: listener.address, ownsFile: name == nil)
        return Entry(listener: listener, socket: socket, activatedAs: name)
    }

    /// Opens what is missing; all of it or nothing.
    ///
    /// - Returns: What cannot be opened.
    func open(_ wanted: [ClusterPlan.Listener]) -> [String] {
        openAnew(wanted)
        var opened: [Entry] = []
        var problems: [String] = []
        for listener in wanted where !entries.contains(where: { $0.listener == listener }) {
            if let position = entries.firstIndex(where: { $0.listener.hasPath(of: listener) }) {
                // The same file with other permissions; those of systemd's sockets are its own affair.
                let held = entries[position]
                if held.activatedAs == nil {
                    do throws(ListenError) {
                        try held.socket.grant(listener.access)
                    } catch {
                        problems.append("cannot start \(listener.name) server @ \(error)")
                        continue
                    }
                }
                entries[position] = Entry(listener: listener, socket: held.socket, activatedAs: held.activatedAs)
                continue
            }
            if let socket = takeActivated(listener) {
                opened.append(Self.entry(listener, socket.descriptor, activatedAs: socket.name))
                continue
            }
            do throws(ListenError) {
                opened.append(
                    Entry(
                        listener: listener,
                        socket: try ListeningSocket(listener.address, access: listener.access)))
            } catch {
                problems.append("cannot start \(listener.name) server @ \(error)")
            }
        }
        if problems.isEmpty {
            entries += opened
        } else {
            for entry in opened { release(entry) }
        }
        return problems
    }

    /// Those that no client reaches; ``open(_:)`` makes them anew.
    var withoutFile: [ClusterPlan.Listener] { entries.filter(\.isWithoutFile).map(\.listener) }

    /// Workers that run keep the old socket, those that start from now on get the new one.
    private func openAnew(_ wanted: [ClusterPlan.Listener]) {
        for (position, entry) in entries.enumerated()
        where wanted.contains(where: entry.listener.hasPath) && entry.isWithoutFile {
            // Where it fails, as in a directory that is gone too, the other listeners have to go on; the log has it already.
            guard let socket = try? ListeningSocket(entry.listener.address, access: entry.listener.access) else {
                continue
            }
            entry.socket.close()
            entries[position] = Entry(listener: entry.listener, socket: socket, activatedAs: nil)
        }
    }

    /// By name, then by address: systemd names a socket after its unit unless told otherwise.
    private func takeActivated(_ listener: ClusterPlan.Listener) -> ActivatedSocket? {
        let position =
            activated.firstIndex { $0.name.isSame(as: listener.name) }
            ?? activated.firstIndex {
                ListeningSocket(inherited: $0.descriptor, address: listener.address, ownsFile: false).isAt(listener)
            }
        return position.map { activated.remove(at: $0) }
    }

    /// A socket of systemd's is kept for a later generation: once closed, it could not be had again.
    private func release(_ entry: Entry) {
        if let name = entry.activatedAs {
            activated.append(ActivatedSocket(name: name, descriptor: entry.socket.descriptor))
        } else {
            entry.socket.close()
        }
    }

    /// Closes what none of these needs; Unix sockets lose their files.
    func close(except wanted: [ClusterPlan.Listener]) {
        for entry in entries where !wanted.contains(entry.listener) { release(entry) }
        entries.removeAll { !wanted.contains($0.listener) }
    }

    /// Sockets for a worker of a plan.
    func descriptors(for wanted: [ClusterPlan.Listener]) -> [(name: String, descriptor: Int32)] {
        wanted.compactMap { listener in
            entries.last { $0.listener == listener }.map { (listener.name, $0.socket.descriptor) }
        }
    }

    /// What a new program is to take over.
    var all: [HandOver.Socket] {
        entries.map {
            HandOver.Socket(listener: $0.listener, descriptor: $0.socket.descriptor, activatedAs: $0.activatedAs)
        }
    }

    /// All of them, those that no server asks for included.
    var descriptors: [Int32] { entries.map(\.socket.descriptor) + activated.map(\.descriptor) }

    func closeAll() {
        for entry in entries { entry.socket.close() }
        entries = []
        for socket in activated { Glibc.close(socket.descriptor) }
        activated = []
    }
}

extension ClusterPlan.Listener {
    /// Whether both are the same file.
    fileprivate func hasPath(of other: Self) -> Bool {
        guard let path, let theirs = other.path else { return false }
        return path.isSame(as: theirs)
    }

    package var address: ListenAddress {
        if let path { return .unix(path: path) }
        return .tcp(host: host ?? "::", port: port ?? 0)
    }

    package var access: SocketAccess { SocketAccess(mode: mode ?? 0o777, group: group) }

    package init(name: String, _ address: ListenAddress, access: SocketAccess) {
        self.init(name: name)
        switch address {
        case .tcp(let host, let port): (self.host, self.port) = (host, port)
        case .unix(let path): (self.path, mode, group) = (path, access.mode, access.group)
        }
    }
}

extension ListeningSocket {
    /// Whether an inherited socket listens where it is wanted.
    fileprivate func isAt(_ listener: ClusterPlan.Listener) -> Bool {
        if let path = listener.path { return boundPath?.isSame(as: path) == true }
        return boundPort == listener.port
    }
}
