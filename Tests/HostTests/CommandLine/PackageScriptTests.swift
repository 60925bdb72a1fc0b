// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("make installs what is missing")
struct PackageScriptTests {
    /// Runs the script with an `apt-get` that does what the text says; it finds its number of calls in `$calls`.
    private func run(_ apt: String, _ packages: String...) async throws -> (finished: Finished, calls: [String]) {
        let count = "cd \"$(dirname \"$0\")\"\necho \"$*\" >>calls\ncalls=$(wc -l <calls)"
        let project = try TestProject([
            "bin/apt-get": "#!/bin/bash\n\(count)\n\(apt)\n",
            "bin/sudo": "#!/bin/bash\nexec \"$@\"\n",
            "bin/dpkg-query": "#!/bin/bash\n[ \"${!#}\" = there ] && echo install ok installed\n",
        ])
        try await project.makeExecutable("bin/apt-get", "bin/sudo", "bin/dpkg-query")
        let finished = try await Program.run(
            "\(Stage.repository)/.ci/install-packages", packages, directory: project.root,
            environment: ["PATH": "\(project.path("bin")):/usr/bin:/bin"])
        let calls = (try? project.read("bin/calls"))?.split(separator: "\n").map(String.init) ?? []
        return (finished, calls)
    }

    private let update = "-q -o DPkg::Lock::Timeout=600 update"

    @Test("nothing is called when all are there")
    func nothing() async throws {
        let (finished, calls) = try await run("exit 1", "there")
        #expect(finished.code == 0 && finished.output == "" && calls == [])
    }

    @Test("another apt-get is waited for, and it says so once")
    func waits() async throws {
        let (finished, calls) = try await run(
            """
            if [ $calls -le 2 ]; then
                echo "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 1 (apt-get)" >&2
                exit 100
            fi
            """, "there", "missing")
        #expect(finished.code == 0)
        #expect(finished.output.hasPrefix("installing missing\n"))
        #expect(
            finished.output.components(separatedBy: "another apt-get is at work; waiting for it, 600 seconds at most")
                .count == 2)
        #expect(
            calls == [
                update, update, update,
                "-q -o DPkg::Lock::Timeout=600 install -y --no-install-recommends missing",
            ])
    }

    @Test("any other failure is the end of it, with apt's words and status")
    func fails() async throws {
        let (finished, calls) = try await run("echo 'E: no such thing' >&2; exit 100", "missing")
        #expect(finished.code == 100 && calls == [update])
        #expect(finished.output.contains("E: no such thing"))
    }
}
