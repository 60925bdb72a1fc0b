// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeroTestSupport
import Testing

/// Old kernels lack system calls, and sandboxes refuse them: there is a slower way in the place of each.
@Suite("without system calls that make things quicker", .timeLimit(.minutes(10)))
struct SandboxTests {
    /// Refuses the calls that are named, in itself and in what it becomes.
    ///
    /// Its arguments: what it refuses them with, their names, `--`, and a program with its arguments.
    private static let refuse = """
        #include <errno.h>
        #include <linux/filter.h>
        #include <linux/seccomp.h>
        #include <stddef.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/prctl.h>
        #include <sys/syscall.h>
        #include <unistd.h>
        static int number(const char *name) {
            if (!strcmp(name, "sendfile")) return SYS_sendfile;
            if (!strcmp(name, "openat2")) return SYS_openat2;
            if (!strcmp(name, "pidfd_open")) return SYS_pidfd_open;
            if (!strcmp(name, "memfd_create")) return SYS_memfd_create;
            if (!strcmp(name, "copy_file_range")) return SYS_copy_file_range;
            if (!strcmp(name, "close_range")) return SYS_close_range;
            if (!strcmp(name, "getrandom")) return SYS_getrandom;
            exit(99);
        }
        int main(int argc, char **argv) {
            struct sock_filter filter[64];
            unsigned short count = 0;
            unsigned code = !strcmp(argv[1], "EPERM") ? EPERM : ENOSYS;
            filter[count++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
            int i = 2;
            for (; i < argc && strcmp(argv[i], "--"); i++) {
                filter[count++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number(argv[i]), 0, 1);
                filter[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | code);
            }
            filter[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
            struct sock_fprog program = {count, filter};
            if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) return 98;
            execvp(argv[i + 1], argv + i + 1);
            return 97;
        }

        """
    private static let calls = ["sendfile", "openat2", "pidfd_open", "memfd_create", "copy_file_range", "close_range"]

    private func prepare(_ files: [String: String]) async throws -> TestProject {
        let project = try TestProject(files.merging(["config/empty.yml": "default: {}\n"]) { $1 })
        try await Self.compile(in: project)
        return project
    }

    private static func compile(in project: TestProject) async throws {
        try project.write(refuse, to: "refuse.c")
        let compiled = try await Program.run(
            "clang", ["-fuse-ld=lld", "refuse.c", "-o", "refuse"], directory: project.root)
        try #require(compiled.code == 0, "\(compiled.error)")
    }

    private func start(
        _ code: String, _ arguments: [String], in project: TestProject, environment: [String: String] = [:]
    ) throws -> RunningHero {
        try RunningHero(
            [code] + Self.calls + ["--", Stage.hero] + arguments, executable: project.path("refuse"),
            directory: project.root, environment: environment.merging(["PROJECT_ROOT": project.root]) { $1 })
    }

    @Test("files are found, also through links, and arrive whole", arguments: ["ENOSYS", "EPERM"])
    func files(code: String) async throws {
        let large = (0..<500_000).map { "\($0) " }.joined()
        let project = try await prepare([
            "public/large.txt": large, "public/dir/small.txt": "small", "public/index.html": "index",
            "secret": "secret",
        ])
        let manager = FileManager.default
        try manager.createSymbolicLink(
            atPath: project.path("public/in.txt"), withDestinationPath: project.path("public/dir/small.txt"))
        try manager.createSymbolicLink(atPath: project.path("public/link"), withDestinationPath: "dir")
        try manager.createSymbolicLink(atPath: project.path("public/out.txt"), withDestinationPath: "../secret")
        let hero = try start(code, ["start", "--set", "web.port=0"], in: project)
        try await hero.waitUntilServing()
        #expect(try await hero.request("/large.txt").text == large)
        #expect(try await hero.request("/").text == "index")
        for path in ["/dir/small.txt", "/in.txt", "/link/small.txt"] {
            #expect(try await hero.request(path).text == "small", "\(path)")
        }
        for path in ["/out.txt", "/../secret", "/dir/none.txt", "/dir"] {
            #expect(try await hero.request(path).status == 404, "\(path)")
        }
        #expect(try await hero.stop() == 0)
    }

    @Test("the embedded Redis runs, and is started again when it ends")
    func embedded() async throws {
        let project = try await prepare([:])
        let hero = try start(
            "ENOSYS", ["start", "--set", "web.port=0"], in: project, environment: ["REDIS_ENABLED": "true"])
        try await hero.waitUntilServing()
        func redis(after count: Int) async throws -> Int32 {
            let line = try await hero.line(containing: "redis-server started with pid", after: count)
            let words = line.split(separator: " ")
            let place = try #require(words.firstIndex(of: "pid"))
            return try #require(Int32(words[place + 1].dropLast()))
        }
        let first = try await redis(after: 0)
        let count = hero.lines.count
        kill(first, SIGKILL)
        #expect(try await redis(after: count) != first)
        #expect(try await hero.stop() == 0)
    }

    @Test("a cluster starts, and deploys")
    func cluster() async throws {
        let project = try await ClusterBundles.shared.value.project()
        try await Self.compile(in: project)
        let calls = Self.calls.joined(separator: " ")
        try project.write("#!/bin/sh\nexec ./refuse EPERM \(calls) -- \(Stage.hero) \"$@\"\n", to: "sandboxed")
        try await project.makeExecutable("sandboxed")
        let cluster = try await RunningCluster.start(
            workers: 1, project: project, executable: project.path("sandboxed"))
        try await cluster.deploy()
        #expect(try await cluster.master.stop() == 0)
    }
}
