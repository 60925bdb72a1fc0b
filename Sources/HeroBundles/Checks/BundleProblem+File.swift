// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import Glibc
internal import HeroSystem

// Problems of files that cannot even be compared with the host.
extension BundleProblem {
    static func machine(_ path: String, _ found: Machine, _ host: HostInterface) -> BundleProblem {
        BundleProblem(
            .machine, file: path, expected: "\(host.machine)", found: "\(found)",
            "\(path) is built for \(found), this host is \(host.machine)",
            remedy: "build it on this kind of machine")
    }

    static func note(_ path: String, _ fault: BundleNote.Fault) -> BundleProblem {
        switch fault {
        case .missing:
            BundleProblem(
                .note, file: path, "\(path) is a shared library but not a bundle (built with swift build?)",
                remedy: "use hero build, or hero bundle stamp")
        case .unreadable(let reason):
            BundleProblem(
                .note, file: path, found: reason, "\(path) has a note that cannot be read: \(reason)",
                remedy: "build it again with hero build")
        case .newerFormat(let format):
            BundleProblem(
                .format, file: path, expected: "\(BundleManifest.currentFormat)", found: "\(format)",
                "\(path) has note format \(format), this host reads \(BundleManifest.currentFormat)",
                remedy: "upgrade hero")
        }
    }

    static func unreadable(_ path: String, _ fault: ELFFile.Fault?, _ contents: [UInt8]) -> BundleProblem {
        switch fault {
        case .truncated(let expected, let found):
            BundleProblem(
                .truncated, file: path, expected: "\(expected) bytes", found: "\(found) bytes",
                "\(path) is cut short: \(found) of \(expected) bytes", remedy: "copy it again, then send USR2")
        case .malformed(let reason):
            BundleProblem(
                .truncated, file: path, found: reason, "\(path) is damaged: \(reason)",
                remedy: "copy it again, then send USR2")
        case .notShared:
            BundleProblem(
                .notShared, file: path, "\(path) is an ELF file, but not a 64-bit shared library",
                remedy: "build it with hero build")
        case .notELF, nil:
            BundleProblem(
                .notShared, file: path, "\(path) is \(kind(of: contents)), not a shared library",
                remedy: "was the source copied instead of the build?")
        }
    }

    /// A file that has not been read.
    ///
    /// The size in bytes is `nil` when the file grew or went meanwhile.
    static func tooLarge(_ path: String, _ size: Int?, limit: Int) -> BundleProblem {
        BundleProblem(
            .tooLarge, file: path, expected: "\(limit) bytes at most", found: size.map { "\($0) bytes" },
            "\(path) has \(size.map(String.init) ?? "too many") bytes, \(limit) are allowed",
            remedy: "is it a bundle? If so strip it, or raise general.bundles.maximumSize")
    }

    /// The file changed each time it was read: whoever copies it has not finished.
    static func changing(_ path: String) -> BundleProblem {
        BundleProblem(
            .truncated, file: path, "\(path) changed while it was read",
            remedy: "wait until it is copied, then send USR2")
    }

    package static func unavailable(_ path: String, _ error: any Error) -> BundleProblem {
        let remedy =
            switch (error as? FileError)?.code {
            case ENOMEM: "let the check have more memory (general.bundles.checkMemory)"
            case EMFILE, ENFILE: "let the process have more files open (ulimit -n)"
            case EISDIR, ENOTSUP: "put the bundle there, or take it away"
            case ENOENT: "it may be a link to what is not there: put the bundle there, or take it away"
            default: "make it readable for this user"
            }
        return BundleProblem(.truncated, file: path, found: "\(error)", "\(error)", remedy: remedy)
    }

    static func sameModule(_ module: String, _ first: String, _ second: BundleFile) -> BundleProblem {
        BundleProblem(
            .moduleName, file: second.path, bundle: second.manifest.name, found: module,
            "module \(module) comes from \(first) and \(second.path)", remedy: "rename one")
    }

    private static func kind(of contents: [UInt8]) -> String {
        if contents.isEmpty { return "empty" }
        let isText = contents.prefix(512).allSatisfy { $0 >= 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
        return isText ? "a text file" : "some other file"
    }
}
