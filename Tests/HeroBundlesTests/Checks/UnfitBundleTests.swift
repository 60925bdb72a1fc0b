// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@testable import HeroBundles

@Suite("a bundle that does not fit the host is refused with both values and a remedy")
struct UnfitBundleTests {
    private let project: TemporaryProject

    init() throws { project = try TemporaryProject() }

    private func host(exports: Set<String> = [], swift: String = "6.3.1 (swift-6.3.1-RELEASE)") -> HostInterface {
        let host = HostInterface.test
        return HostInterface(
            sdk: "1.2.0", sdkInterface: "interface", swift: swift, machine: host.machine, target: host.target,
            glibc: host.glibc, exports: .named(exports))
    }

    /// What a host of SDK 1.2.0 says about a library whose note claims that Swift made it.
    private func problems(
        _ source: String = "int answer(void); int answer(void) { return 42; }", sdk: String = "1.2.0",
        swift: String = "6.3.1 (swift-6.3.1-RELEASE)", exports: Set<String> = []
    ) throws -> [String] {
        let bytes = try project.stamp(source, kind: .swift) { manifest in
            manifest.sdk = sdk
            manifest.swift = swift
            manifest.sdkInterface = "interface"
            // As hero build names what lies beside its source.
            (manifest.name, manifest.build) = ("actions/x", "0123456789abcdef")
        }
        return BundleFile.problems(bytes, host: host(exports: exports))
    }

    /// A function that refers to a symbol of the SDK.
    private func using(_ symbols: String...) -> String {
        symbols.enumerated().map { position, symbol in
            """
            extern void needed\(position)(void) __asm__("\(symbol)");
            void use\(position)(void); void use\(position)(void) { needed\(position)(); }
            """
        }.joined(separator: "\n")
    }

    @Test("one that fits has no problem")
    func fits() throws {
        #expect(try problems() == [])
        #expect(
            try problems(using("$s10ActionHero7ContextV3fooSivg"), exports: ["$s10ActionHero7ContextV3fooSivg"]) == [])
    }

    @Test("HB106: another compiler")
    func compiler() throws {
        #expect(
            try problems(swift: "6.3.0 (swift-6.3.0-RELEASE)") == [
                "HB106 actions/x.so: built with Swift 6.3.0, this host with 6.3.1 – hero build actions/x.swift"
            ])
    }

    @Test("HB106: two builds of one version are two compilers, and the message shows the difference")
    func compilerBuild() throws {
        #expect(
            try problems(swift: "6.3.1 (swift-6.3.1-DEV)") == [
                "HB106 actions/x.so: built with Swift 6.3.1 (swift-6.3.1-DEV), this host with 6.3.1 – "
                    + "hero build actions/x.swift"
            ])
    }

    @Test("HB107: another major version of the SDK, newer and older")
    func sdkMajor() throws {
        #expect(
            try problems(sdk: "2.0.0") == [
                "HB107 actions/x.so: built for SDK 2.0.0, hero 1.2.0 offers SDK 1 – upgrade hero or rebuild"
            ])
        #expect(
            try problems(sdk: "0.9.0") == [
                "HB107 actions/x.so: built for SDK 0.9.0, hero 1.2.0 offers SDK 1 – hero build actions/x.swift"
            ])
        #expect(try problems(sdk: "new").first?.contains("'new', which is not a version") == true)
    }

    @Test("HB108: everything of the SDK that is missing is named, readable, once")
    func symbols() throws {
        let source = using(
            "$s10ActionHero7ContextV3fooSivg", "$s10ActionHero7ContextV3fooSivpMV", "$s10ActionHero6TenantV2idSSvg")
        #expect(
            try problems(source, sdk: "1.4.0") == [
                "HB108 actions/x.so needs ActionHero.Context.foo.getter : Swift.Int, ActionHero.Context.foo : Swift.Int, "
                    + "ActionHero.Tenant.id.getter : Swift.String, which hero 1.2.0 does not have; built for SDK 1.4.0 – "
                    + "upgrade hero to 1.4 or later"
            ])
        #expect(try problems(source).first?.hasSuffix("built for SDK 1.2.0 – hero build actions/x.swift") == true)
    }

    @Test("symbols of the application library count, those of the bundle itself and weak ones too")
    func otherSources() throws {
        let symbol = "$s10ActionHero7ContextV6tenantSSvg"
        try project.compile(
            """
            void tenant(void) __asm__("\(symbol)"); void tenant(void) {}
            """, to: "libapplication.so")
        let library = try ProvidedLibrary(contents: project.bytes("libapplication.so"), path: "lib/libapplication.so")
        let bytes = try project.stamp(using(symbol), kind: .swift) { manifest in
            (manifest.sdk, manifest.swift) = ("1.2.0", "6.3.1 (swift-6.3.1-RELEASE)")
        }
        _ = try BundleFile.check(bytes, path: "actions/x.so", host: host(), provided: [library])
        #expect(BundleFile.problems(bytes, host: host()).count == 1)
        let weak = """
            extern void needed(void) __asm__("\(symbol)") __attribute__((weak));
            void use(void); void use(void) { if (needed) needed(); }
            """
        #expect(try problems(weak) == [])
    }

    @Test("HB109: a copy of the SDK, of which a type is named")
    func ownSDK() throws {
        let names = ["$s10ActionHero6ActionMp", "$s10ActionHero7ContextV2idSSvg"]
        let source = names.enumerated().map { position, name in
            "void copy\(position)(void) __asm__(\"\(name)\"); void copy\(position)(void) {}"
        }.joined(separator: "\n")
        #expect(
            try problems(source, exports: Set(names)) == [
                "HB109 actions/x.so contains its own copy of the SDK (ActionHero.Action, 1 more) – "
                    + "build it with hero build, not as a target of a package"
            ])
        // What extends a type of the SDK looks alike, but the host has no such symbol.
        #expect(try problems(source, exports: ["$s10ActionHero6ActionMn"]) == [])
    }

    @Test("HB109: a copy of Swift's runtime")
    func ownRuntime() throws {
        #expect(
            try problems("void swift_retain(void); void swift_retain(void) {}") == [
                "HB109 actions/x.so contains its own copy of the Swift runtime (swift_retain) – "
                    + "build it with hero build, not as a target of a package"
            ])
    }

    @Test("several problems of one bundle are all reported")
    func several() throws {
        let codes = try problems(
            using("$s10ActionHero7ContextV3fooSivg"), sdk: "2.0.0", swift: "5.10 (swift-5.10-RELEASE)"
        ).map { $0.prefix(5) }
        #expect(codes == ["HB106", "HB107", "HB108"])
    }

    @Test("a newer minor version that uses nothing new is a warning with both versions")
    func newerMinor() throws {
        let bytes = try project.stamp("int answer(void); int answer(void) { return 42; }", kind: .swift) { manifest in
            (manifest.sdk, manifest.swift) = ("1.4.0", "6.3.1 (swift-6.3.1-RELEASE)")
        }
        let (_, warnings) = try BundleFile.check(bytes, path: "actions/x.so", host: host())
        #expect(
            warnings == [
                "actions/x.so was built for SDK 1.4.0, this is hero 1.2.0; it uses nothing that is missing here"
            ])
    }

    @Test("another state of the same SDK is a warning")
    func otherInterface() throws {
        let bytes = try project.stamp("int answer(void); int answer(void) { return 42; }", kind: .swift) { manifest in
            manifest.sdkInterface = "other"
        }
        let (_, warnings) = try BundleFile.check(bytes, path: "actions/x.so", host: .test)
        #expect(
            warnings == [
                "actions/x.so was built for another state of SDK \(SDK.version), which is under development"
            ])
    }
}
