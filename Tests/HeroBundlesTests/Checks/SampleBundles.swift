// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Foundation

@testable import HeroBundles
@testable import HeroSystem

/// Sources of small bundles; C compiles faster than Swift and has the same file format.
enum SampleBundles {
    /// An action that answers with a number.
    static func action(_ name: String, _ answer: Int = 42) -> String {
        """
        #include <hero_bundle.h>
        static int64_t \(name)(void) { return \(answer); }
        static const hero_action actions[] = {{
            .name = "\(name)", .result_type = HERO_TYPE_INTEGER, .flags = HERO_ACTION_CANNOT_FAIL,
            .function = (hero_function)\(name)}};
        HERO_BUNDLE(actions);
        """
    }

    /// Code that runs as soon as the dynamic linker has mapped the bundle, and even before that: each leaves a file.
    static func mark(_ path: String) -> String {
        """
        #include <fcntl.h>
        #include <unistd.h>
        static void mark(const char *path) { close(open(path, O_CREAT | O_WRONLY, 0644)); }
        __attribute__((constructor)) static void construct(void) { mark("\(path).constructor"); }
        static int answer(void) { return 42; }
        static void *resolve(void) {
            // A resolver runs before other libraries are usable, so it may only make a system call.
            static const char path[] = "\(path).resolver";
            #if defined(__x86_64__)
            long result;
            __asm__ volatile("syscall" : "=a"(result) : "a"(2), "D"(path), "S"(O_CREAT | O_WRONLY), "d"(0644)
                             : "rcx", "r11", "memory");
            #endif
            (void)path;
            return (void *)answer;
        }
        int resolved(void) __attribute__((ifunc("resolve")));
        int (*pointer)(void) = resolved;

        """
    }
}

extension TemporaryProject {
    /// Compiles C, stamps it with a changed manifest, and returns the file's bytes.
    @discardableResult
    func stamp(
        _ source: String, to path: String = "actions/x.so", kind: BundleManifest.Kind = .c, module: String? = nil,
        _ change: (inout BundleManifest) -> Void = { _ in }
    ) throws -> [UInt8] {
        try compile(source, to: path)
        let name = path.split(separator: "/").last.map { String($0.dropLast(3)) } ?? path
        var manifest = BundleStamp.manifest(
            kind: kind, name: name, version: "1.0.0", module: module ?? name, host: .test)
        change(&manifest)
        try BundleStamp.stamp("\(root)/\(path)", manifest)
        return try bytes(path)
    }

    func bytes(_ path: String) throws -> [UInt8] { try FileContents.read("\(root)/\(path)") }

    func write(_ bytes: [UInt8], to path: String) throws {
        try FileContents.replace("\(root)/\(path)", with: bytes, mode: 0o644)
    }
}

extension BundleFile {
    /// What is wrong with a file, as people see it.
    static func problems(_ contents: [UInt8], host: HostInterface = .test) -> [String] {
        do {
            _ = try check(contents, path: "actions/x.so", host: host)
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }
}

extension [UInt8] {
    /// Writes a little-endian number over what is there.
    mutating func put(_ number: some FixedWidthInteger, at offset: Int) {
        Swift.withUnsafeBytes(of: number.littleEndian) { source in
            for (position, byte) in source.enumerated() where offset + position < count {
                self[offset + position] = byte
            }
        }
    }

    func putting(_ number: some FixedWidthInteger, at offset: Int) -> [UInt8] {
        var copy = self
        copy.put(number, at: offset)
        return copy
    }

    /// Replaces each occurrence of a text by one of the same length.
    func replacing(_ text: String, with other: String) -> [UInt8] {
        precondition(text.utf8.count == other.utf8.count)
        return replacing(Array(text.utf8), with: Array(other.utf8))
    }
}
