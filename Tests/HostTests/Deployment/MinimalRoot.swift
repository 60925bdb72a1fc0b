// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

/// The file system that a Dockerfile describes, made without Docker: what Debian calls essential, the packages that it
/// installs with what they depend on, and what it copies.
///
/// Made of the packages that this machine has, so that no network is needed.
struct MinimalRoot {
    /// What a container's file says, one line each; the first word is the instruction.
    let steps: [(instruction: String, text: String)]
    let place: TestProject
    var root: String { place.path("root") }

    static let isPossible = Privileges.areRoots && Privileges.have("dpkg-query") && Privileges.have("apt-cache")

    /// - Parameters:
    ///   - dockerfile: Its text.
    ///   - sources: What `COPY` finds, by name.
    /// - Throws: An error when something cannot be made.
    init(dockerfile: String, copying sources: [String: String]) async throws {
        steps = dockerfile.split(separator: "\n").map { line in
            let words = line.split(separator: " ", maxSplits: 1)
            return (String(words[0]), words.count > 1 ? String(words[1]) : "")
        }
        place = try TestProject(["root/.keep": ""])
        var directory = "/"
        for step in steps {
            switch step.instruction {
            case "FROM": try await shell(Self.debian, ["apt"])
            case "RUN" where step.text.hasPrefix("apt-get update"): try await shell(Self.debian, packages)
            case "RUN":
                try await shell("chroot \"$root\" /bin/sh -euc \"cd $1 && $2\"", [directory, step.text])
            case "COPY":
                let words = step.text.split(separator: " ").map(String.init)
                let source = try #require(sources[words[0]])
                try await shell(#"mkdir -p "$root$2" && cp -a "$1/." "$root$2""#, [source, words[1]])
            case "WORKDIR":
                directory = step.text
                try await shell(#"mkdir -p "$root$1""#, [directory])
            default: break
            }
        }
    }

    /// What the file installs.
    var packages: [String] {
        let words = steps.first { $0.text.contains("apt-get install") }?.text.components(separatedBy: " && ") ?? []
        let install = words.first { $0.hasPrefix("apt-get install") } ?? ""
        return install.split(separator: " ").dropFirst(2).map(String.init).filter { !$0.hasPrefix("-") }
    }

    func value(of instruction: String) -> String? { steps.last { $0.instruction == instruction }?.text }

    /// Runs its `CMD` as its `USER`, with its `ENV`, and what is given.
    func run(environment: [String: String]) throws -> RunningHero {
        let command = try JSONDecoder().decode([String].self, from: Data(try #require(value(of: "CMD")).utf8))
        let (user, directory) = (try #require(value(of: "USER")), try #require(value(of: "WORKDIR")))
        let script = """
            root=$1; directory=$2; user=$3; shift 3
            mount --bind /dev "$root/dev" && mount -t proc proc "$root/proc"
            cd "$root$directory"
            exec chroot --userspec="$user:$user" "$root" /usr/bin/env -C "$directory" "$@"
            """
        let variables = steps.filter { $0.instruction == "ENV" }.map(\.text)
        return try RunningHero(
            ["-m", "/bin/sh", "-euc", script, "sh", root, directory, user] + variables + command,
            executable: "unshare", directory: "/", environment: environment)
    }

    private func shell(_ script: String, _ arguments: [String]) async throws {
        let done = try await Program.run(
            "/bin/sh", ["-euc", script, "sh"] + arguments, directory: "/", environment: ["root": root])
        try #require(done.code == 0, "\(script) \(arguments)\n\(done.error)")
    }

    /// Copies the files of packages, of all that they depend on, and of all that are essential.
    ///
    /// What is not installed here is a dependency that another one of a list of alternatives has met.
    private static let debian = #"""
        essential=$(dpkg-query -W -f='${Essential} ${Package}\n' | sed -n 's/^yes //p')
        names=$(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
            --no-enhances "$@" $essential | sed -n 's/^\([a-z0-9][^ ]*\)$/\1/p')
        for name in "$@"; do dpkg-query -W "$name" >/dev/null; done
        [ -e "$root/lib" ] || for name in bin sbin lib lib32 lib64 libx32; do
            mkdir -p "$root/usr/$name"; ln -s "usr/$name" "$root/$name"
        done
        mkdir -p "$root/dev" "$root/proc" "$root/tmp" "$root/root" "$root/srv" "$root/opt"
        chmod 1777 "$root/tmp"
        for name in $names; do
            dpkg-query -L "$name" 2>/dev/null || true
        done | sort -u | while read -r path; do
            case $path in /usr/share/doc/*|/usr/share/man/*|/usr/share/locale/*|/var/cache/*) ;;
            *) [ -d "$path" ] && [ ! -L "$path" ] || echo "${path#/}" ;; esac
        done | tar -C / --no-recursion --ignore-failed-read -cf - -T - 2>/dev/null | tar -C "$root" -xf -
        [ -e "$root/etc/passwd" ] || {
            cp "$root/usr/share/base-passwd/passwd.master" "$root/etc/passwd"
            cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
        }
        ldconfig -r "$root"
        """#
}
