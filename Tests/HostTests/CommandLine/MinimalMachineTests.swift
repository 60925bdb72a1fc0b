// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("a machine that has what the page about installing asks for, and nothing else")
struct MinimalMachineTests {
    /// Copies the files of Debian packages, and of those that they depend on, into a directory.
    private static let copy = #"""
        set -eu
        root=$1; shift
        mkdir -p "$root/proc" "$root/dev" "$root/tmp" "$root/usr/bin" "$root/usr/sbin" "$root/usr/lib" "$root/usr/lib64"
        for path in /bin /lib /lib64 /sbin; do [ ! -L $path ] || cp -a $path "$root"; done
        known=" "; waiting="$*"
        while [ -n "$waiting" ]; do
          set -- $waiting; package=${1%%:*}; shift; waiting="$*"
          case "$known" in *" $package "*) continue;; esac
          known="$known$package "
          needed=$(dpkg-query -W -f='${Pre-Depends}, ${Depends}' "$package" | sed 's/([^)]*)//g' | tr '|' ',' | tr ',' ' ')
          for name in $needed; do
            dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$name" 2>/dev/null
          done >"$root/tmp/needed" || true
          waiting="$waiting $(sed -n 's/^installed //p' "$root/tmp/needed" | tr '\n' ' ')"
        done
        dpkg -L $known | grep -v '^/usr/share/' | sort -u | while read -r path; do
          if [ ! -d "$path" ] && [ -e "$path" ]; then echo "${path#/}"; fi
        done | tar -c -C / --no-recursion -T - | tar -x -C "$root" --keep-directory-symlink
        """#

    /// Enters it; links of the real one's own are not needed.
    private static let enter =
        #"mount --rbind /proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" "$@""#

    private let machine: TestProject
    /// What a program is started with; nothing when this user may not mount anything.
    private let prefix: [String]?

    init() async throws {
        machine = try TestProject(["srv/shop/actions/hello.swift": Sources.hello])
        let page = try Stage.text("docs/install.md")
        let row = try #require(page.split(separator: "\n").first { $0.hasPrefix("| run `hero` |") })
        let packages = row.matches(of: /`([a-z0-9+. -]+)`/).dropFirst().flatMap {
            $0.1.split(separator: " ").map(String.init)
        }
        #expect(packages.contains("redis-server") && packages.count > 2)
        let copied = try await Program.run("sh", ["-c", Self.copy, "sh", machine.root] + packages, directory: "/")
        #expect(copied.code == 0, "\(copied.error)")
        let installed = try await Program.run(
            "make", ["install-tree", "STAGE=\(Stage.root)", "PREFIX=\(machine.path("opt/hero"))"],
            directory: Stage.repository)
        #expect(installed.code == 0, "\(installed.error)")
        let shop = machine.path("srv/shop")
        let built = try await Program.run(Stage.hero, ["build"], directory: shop, environment: ["PROJECT_ROOT": shop])
        #expect(built.code == 0, "\(built.error)")
        var allowed: [String]?
        for flags in ["-m", "-rm"] where allowed == nil {
            let words = ["unshare", flags, "sh", "-c", Self.enter, machine.root]
            let probe = try await Program.run("env", words + ["/opt/hero/bin/hero", "--version"], directory: "/")
            if probe.code == 0 { allowed = words }
        }
        prefix = allowed
    }

    @Test("hero starts there with its own Redis, serves, and finds nothing amiss with bundles from elsewhere")
    func serves() async throws {
        guard let prefix else { return }
        let environment = ["PROJECT_ROOT": "/srv/shop", "PORT": "0", "REDIS_ENABLED": "true"]
        let running = try RunningHero(
            prefix + ["/opt/hero/bin/hero", "start"], executable: "/usr/bin/env", directory: "/",
            environment: environment)
        try await running.waitUntilServing()
        #expect(try await running.request("/api/hello?name=Sally").text.contains("Hi Sally"))
        let check = ["/opt/hero/bin/hero", "bundle", "check"]
        let checked = try await Program.run("env", prefix + check, directory: "/", environment: environment)
        #expect(checked.output == "actions/hello.so: fits\n", "\(checked.error)")
        #expect(try await running.stop() == 0)
    }
}
