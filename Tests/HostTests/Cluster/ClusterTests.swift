// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

@Suite("a cluster and its operators")
struct ClusterTests {
    @Test("everything works with one worker: deploy, crash, refusal, rollback, stop")
    func oneWorker() async throws {
        let cluster = try await RunningCluster.start(workers: 1)
        try await cluster.putVersion(1)
        try await cluster.deploy()
        #expect(try await cluster.version() == ClusterBundles.variant(1))

        let before = try await cluster.workers
        #expect((try? await cluster.request("/api/crash")) == nil)
        try await cluster.status { $0.workers.map(\.state) == ["serving"] && $0.workers.map(\.pid) != before }
        try await cluster.master.line(containing: "uncaught exception => ")
        #expect(cluster.master.lines.contains { $0.contains("a crash on demand") })

        let back = try await cluster.command("rollback")
        #expect(back.code == 0 && back.output.contains("serves again"), "\(back)")
        #expect(try await cluster.version() == ClusterBundles.variant(0))
        let again = try await cluster.command("reload", "--wait")
        #expect(again.code == 1 && again.error.contains("was rolled back before"), "\(again)")
        let forced = try await cluster.command("reload", "--wait", "--force")
        #expect(forced.code == 0, "\(forced)")
        let version = try await cluster.version()
        #expect(
            version == ClusterBundles.variant(1),
            "\(version) after \(forced)\n\(cluster.master.lines.suffix(25).joined(separator: "\n"))")

        for (path, bytes) in try await ClusterBundles.shared.value.files(.initializerThrows) {
            try cluster.put(bytes, at: path)
            let refused = try await cluster.command("reload", "--wait")
            #expect(refused.code == 1 && refused.error.contains("no database here"))
            try cluster.project.remove(path)
        }
        #expect(try await cluster.version() == ClusterBundles.variant(1))
        #expect(try await cluster.stop() == 0)
    }

    @Test("scale, generations, status and stop do and show what they say")
    func commands() async throws {
        let cluster = try await RunningCluster.start(workers: 1)
        #expect(try await cluster.command("scale", "3").code == 0)
        let three = try await cluster.status { $0.workers.filter { $0.state == "serving" }.count == 3 }
        #expect(three.expected == 3 && three.workers.map(\.id) == [1, 2, 3])
        #expect(try await cluster.command("scale", "1").code == 0)
        try await cluster.status { $0.workers.map(\.id) == [1] }
        try await cluster.putVersion(1)
        #expect(try await cluster.command("reload", "--wait").output == "generation 2 serves\n")
        #expect(try await cluster.command("generations").output == "generation 1\ngeneration 2 (serves)\n")
        let text = try await cluster.command("status")
        #expect(text.output.hasPrefix("steady: 1 of 1 workers serve generation 2\nid  pid"), "\(text)")
        let stopped = try await cluster.command("stop")
        #expect(stopped.code == 0 && stopped.output == "all workers stopped\n")
        #expect(try await cluster.master.exitCode() == 0)
        let gone = try await cluster.command("status")
        #expect(gone.code == 1 && gone.error.contains("no cluster runs in"))
    }

    @Test("the configuration changes with a deploy and not before: a crashed worker comes back with its generation's")
    func configuration() async throws {
        let project = try await ClusterBundles.shared.value.project()
        try project.write("default:\n  httpHeaders:\n    X-Release: one\n", to: "config/servers/web.yml")
        try project.write("default: {}\n", to: "config/api.yml")
        let cluster = try await RunningCluster.start(workers: 1, project: project)
        #expect(try await cluster.request("/api/version")["X-Release"] == "one")
        try project.write("default:\n  httpHeaders:\n    X-Release: two\n", to: "config/servers/web.yml")
        let before = try await cluster.workers
        try await cluster.killWorker(before[0])
        #expect(try await cluster.workers != before)
        #expect(try await cluster.request("/api/version")["X-Release"] == "one")
        try await cluster.deploy()
        #expect(try await cluster.request("/api/version")["X-Release"] == "two")
        #expect(try await cluster.stop() == 0)
    }

    @Test("a new port is opened by the deploy that brings it; one that is taken refuses the deploy")
    func ports() async throws {
        let project = try await ClusterBundles.shared.value.project()
        func listen(on port: Int) throws {
            try project.write("default:\n  port: \(port)\n", to: "config/servers/web.yml")
        }
        let (first, second) = (try RunningCluster.freePort(), try RunningCluster.freePort())
        try listen(on: first)
        let cluster = try await RunningCluster.start(workers: 1, project: project, port: first)
        let other = try await RunningCluster.start(workers: 1)
        try listen(on: other.port)
        let refused = try await cluster.command("reload", "--wait")
        #expect(refused.code == 1 && refused.error.contains("EADDRINUSE"), "\(refused)")
        #expect(try await cluster.version() == ClusterBundles.variant(0))

        try listen(on: second)
        #expect(try await cluster.command("reload", "--wait").code == 0)
        let moved = RunningCluster(project: project, master: cluster.master, port: second)
        #expect(try await moved.version() == ClusterBundles.variant(0))
        let back = try await cluster.command("rollback")
        #expect(back.code == 0, "\(back)")
        #expect(try await cluster.version() == ClusterBundles.variant(0))
        #expect(try await other.stop() == 0)
        #expect(try await cluster.stop() == 0)
    }

    @Test("a Unix socket has the mode that was asked for, outlives workers and deploys, and replaces a stale file")
    func unixSocket() async throws {
        let project = try await ClusterBundles.shared.value.project()
        let path = project.path("web.sock")
        func start() async throws -> RunningCluster {
            try await RunningCluster.start(
                workers: 1, project: project, settings: ["web.socketMode=0640"], environment: ["PORT": path])
        }
        func ask() async throws -> Finished {
            try await Program.run(
                "curl", ["-s", "--unix-socket", path, "http://localhost/api/version"], directory: project.root)
        }
        var cluster = try await start()
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o640)
        #expect(try await ask().output.contains("variant-"))
        try await cluster.deploy()
        #expect(try await ask().output.contains("variant-"))
        let workers = try await cluster.workers
        cluster.master.send(SIGKILL)
        try await cluster.master.exitCode()
        for pid in workers { try await ProcessTable.waitForEnd(of: pid) }
        #expect(FileManager.default.fileExists(atPath: path), "a stale file is part of this test")
        cluster = try await start()
        #expect(try await ask().output.contains("variant-"))
        #expect(try await cluster.stop() == 0)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("a project root that is a link leads to the next release with USR2, and not before")
    func movingLink() async throws {
        let project = try TestProject()
        let bundles = try await ClusterBundles.shared.value
        for (name, number) in [("one", 1), ("two", 2)] {
            try bundles.install(in: project.path(name))
            try project.write(bundles.version(number), to: "\(name)/actions/version.so")
        }
        let link = project.path("current")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: project.path("one"))
        let cluster = try await RunningCluster.start(
            workers: 1, project: project, environment: ["PROJECT_ROOT": link])
        #expect(try await cluster.version() == ClusterBundles.variant(1))
        try FileManager.default.createSymbolicLink(atPath: link + ".new", withDestinationPath: project.path("two"))
        rename(link + ".new", link)

        let before = ProcessTable.children(of: cluster.master.identifier)
        try await cluster.killWorker(before[0])
        #expect(try await cluster.version() == ClusterBundles.variant(1))
        #expect(ProcessTable.children(of: cluster.master.identifier) != before)
        try await cluster.deploy()
        #expect(try await cluster.version() == ClusterBundles.variant(2))
        // Where operators look for the master has moved, too.
        let files = ["tmp/cluster.sock", "pids/cluster_pidfile"]
        #expect(files.allSatisfy { project.exists("two/\($0)") && !project.exists("one/\($0)") })
        #expect(try await cluster.stop() == 0)
        #expect(files.allSatisfy { !project.exists("two/\($0)") })
    }

    private static let unshare = ["--pid", "--fork", "--mount-proc", "--kill-child"]

    private static func mayUnshare() async throws -> Bool {
        try await Program.run("unshare", unshare + ["true"], directory: "/").code == 0
    }

    @Test(
        "as process 1 of a container it reaps children that are not its own",
        .enabled("only root may make a name space of processes") { try await Self.mayUnshare() })
    func processOne() async throws {
        let project = try await ClusterBundles.shared.value.project()
        let unshare = Self.unshare
        let port = try RunningCluster.freePort()
        let master = try RunningHero(
            unshare + [Stage.hero, "start", "cluster", "--workers=1"], executable: "unshare", directory: project.root,
            environment: ["PROJECT_ROOT": project.root, "PORT": String(port), "LOG_LEVEL": "notice"])
        let cluster = RunningCluster(project: project, master: master, port: port)
        try await cluster.equilibrium()
        let first = try #require(ProcessTable.children(of: master.identifier).first)
        // The shell ends at once; what it leaves behind becomes a child of process 1 and ends, too.
        let orphan = try await Program.run(
            "nsenter", ["-t", "\(first)", "-p", "sh", "-c", "sh -c 'sleep 0.05; exit 3' & "], directory: project.root)
        #expect(orphan.code == 0, "\(orphan)")
        while ProcessTable.children(of: first).count > 1 { try await Task.sleep(for: .milliseconds(10)) }
        #expect(try await cluster.version() == ClusterBundles.variant(0))
        kill(first, SIGTERM)
        #expect(try await master.exitCode() == 0)
    }

    /// Like a program whose symbols the backtracer takes long to read, on a machine with more to do.
    @Test("a candidate whose backtrace takes longer than it has to become ready has crashed, and says of what")
    func slowBacktrace() async throws {
        let cluster = try await RunningCluster.start(workers: 1)
        let words =
            #"fprintf(stderr, "*** Signal 6: Backtracing from 0x1..."); while (access("\#(cluster.project.path("go"))", F_OK)) usleep(10000);"#
            + #"fprintf(stderr, " done ***\n\n*** Program crashed: Aborted at 0x1 ***\n\nBacktrace took 3s\n"); pause();"#
        try await CBundle.compile(
            "#include <signal.h>\n#include <stdio.h>\n#include <unistd.h>\n"
                + "__attribute__((constructor)) static void run(void) { signal(SIGILL, SIG_DFL); \(words) }\n"
                + CBundle.action("slowly"), to: "actions/slowly.so", in: cluster.project)
        try await CBundle.stamp("actions/slowly.so", in: cluster.project)
        try cluster.put(Data("default:\n  readyTimeout: 1500\n".utf8), at: "config/cluster.yml")
        async let answer = cluster.command("reload", "--wait")
        // By the master's own clock, which is what decides.
        try await cluster.status { $0.workers.contains { $0.state != "serving" && $0.ageSeconds >= 2 } }
        try cluster.project.write("", to: "go")
        let reload = try await answer
        let reason = "the worker crashed (loading bundles): Program crashed: Aborted at 0x1 (HB304)"
        #expect(reload.code == 1 && reload.error.contains(reason), "\(reload)")
        #expect(try await cluster.status().lastRejection.first == reason)
        #expect(try await cluster.stop() == 0)
    }

    @Test("a program that an action has started may crash on the worker's standard error: the worker goes on")
    func crashOfAnotherProgram() async throws {
        let project = try await ClusterBundles.shared.value.project()
        let words =
            "*** Signal 6: Backtracing from 0x1... done ***\\n\\n*** Program crashed: Aborted ***\\n\\nBacktrace took 1s\\n"
        try await CBundle.compile(
            "#include <stdio.h>\nstatic int shout(void) { fputs(\"\(words)\", stderr); return 1; }\n"
                + CBundle.action("tool", "shout()"), to: "actions/tool.so", in: project)
        try await CBundle.stamp("actions/tool.so", in: project)
        let cluster = try await RunningCluster.start(
            workers: 1, project: project, environment: ["LOG_LEVEL": "info"])
        let workers = try await cluster.workers
        let mark = cluster.mark
        #expect(try await cluster.request("/api/tool").status == 200)
        try await cluster.master.line(containing: "Backtrace took 1s", after: mark)
        #expect(try await cluster.workers == workers)
        #expect(try await cluster.stop() == 0)
        #expect(!cluster.master.lines.contains { $0.contains(" - alert: ") })
    }
}
