// swift-tools-version: 6.2
import PackageDescription

/// `make sanitize` builds a host with the checks.
let exclusivity = Context.environment["HERO_EXCLUSIVITY"] ?? "unchecked"

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
    // Checked in debug builds, which the tests are; costs 3 % of a request otherwise.
    .unsafeFlags(["-enforce-exclusivity=\(exclusivity)"], .when(configuration: .release)),
]

/// Bundles are compiled against this module's interface and resolve its symbols in the host, so its layout must not leak
/// into them (library evolution), and the host must export it.
let sdkSettings: [SwiftSetting] =
    settings + [
        .unsafeFlags(["-enable-library-evolution", "-emit-module-interface"]),
        // The host is built together with the SDK and need not treat it as a stranger: a tenth less processor time per
        // request. Bundles get a module without these insides (Makefile). The driver does not pass the options on.
        .unsafeFlags(
            [
                "-no-emit-module-separately-wmo", "-Xfrontend", "-allow-non-resilient-access", "-Xfrontend",
                "-package-cmo",
            ], .when(configuration: .release)),
    ]

/// Exports the SDK, and next to nothing else, to bundles; finds Swift's libraries beside the executable.
///
/// DT_RPATH, unlike DT_RUNPATH, also counts for the libraries that a bundle needs.
let hostLinkerSettings: [LinkerSetting] = [
    .unsafeFlags([
        "-use-ld=lld", "-no-toolchain-stdlib-rpath",
        "-Xlinker", "--export-dynamic-symbol=*10ActionHero*",
        // Where all of Swift's random numbers come from, in bundles too (Sources/CHero/random.c).
        "-Xlinker", "--export-dynamic-symbol=swift_stdlib_random",
        // Who ends the process (Sources/CHero/ends.c).
        "-Xlinker", "--export-dynamic-symbol=kill", "-Xlinker", "--export-dynamic-symbol=killpg",
        "-Xlinker", "--export-dynamic-symbol=tgkill", "-Xlinker", "--export-dynamic-symbol=raise",
        "-Xlinker", "--export-dynamic-symbol=_exit", "-Xlinker", "--export-dynamic-symbol=_Exit",
        "-Xlinker", "--export-dynamic-symbol=exec*", "-Xlinker", "--export-dynamic-symbol=fexecve",
        "-Xlinker", "--export-dynamic-symbol=hero_note_before_end",
        // Half a megabyte less to read and to work through at each start; glibc 2.36 is needed.
        "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs",
        "-Xlinker", "--disable-new-dtags", "-Xlinker", "-rpath=$ORIGIN/../lib/swift/linux",
    ])
]

let package = Package(
    name: "actionhero",
    // Exact, because no resolved file is kept: docs/decisions/dependency-versions.md.
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-atomics.git", exact: "1.3.0"),
        .package(url: "https://github.com/apple/swift-collections.git", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", exact: "1.46.0"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2", traits: []),
    ],
    targets: [
        .systemLibrary(name: "CFFI", providers: [.apt(["libffi-dev"])]),
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CYAML", providers: [.apt(["libyaml-dev"])]),
        .target(name: "CHero"),
        // Small, and one shared library less to find and to load at each start. It is C++, whose library Swift needs too.
        .target(name: "CExpressions", linkerSettings: [.linkedLibrary(":libre2.a"), .linkedLibrary("stdc++")]),
        .target(name: "ActionHero", dependencies: ["CExpressions"], swiftSettings: sdkSettings),
        .target(
            name: "HeroSystem", dependencies: ["CHero", "COpenSSL"], swiftSettings: settings,
            // Of OpenSSL only a digest is used; loading all of it would take a twentieth of the time of a start.
            linkerSettings: [.linkedLibrary(":libcrypto.a")]),
        .target(
            name: "HeroLog", dependencies: ["ActionHero", "CHero", "HeroSystem"], swiftSettings: settings),
        .target(
            name: "HeroConfiguration", dependencies: ["ActionHero", "CYAML", "HeroLog", "HeroSystem"],
            swiftSettings: settings,
            // The dynamic linker would end a host without libyaml before it could say a word.
            linkerSettings: [.linkedLibrary(":libyaml.a")]),
        .target(
            name: "HeroBundles", dependencies: ["ActionHero", "CFFI", "CHero", "HeroSystem"], swiftSettings: settings,
            // The dynamic linker would end a host without libffi before it could say a word.
            linkerSettings: [.linkedLibrary(":libffi.a")]),
        .target(
            name: "HeroTLS", dependencies: ["CHero", "COpenSSL", .product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: settings),
        .target(
            name: "HeroRedis",
            dependencies: [
                "ActionHero", "CHero", "CHiredis", "HeroSystem", "HeroTLS",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], swiftSettings: settings,
            // Small, and one shared library less to find and to load at each start.
            linkerSettings: [.linkedLibrary(":libhiredis.a")]),
        .target(
            name: "HeroTasks",
            dependencies: [
                "ActionHero", "HeroBundles", "HeroConfiguration", "HeroLog", "HeroRedis", "HeroRuntime", "HeroShared",
                "HeroSystem", .product(name: "NIOCore", package: "swift-nio"),
            ], swiftSettings: settings),
        .target(
            name: "HeroRuntime",
            dependencies: ["ActionHero", "CHero", "HeroBundles", "HeroConfiguration", "HeroLog", "HeroSystem"],
            swiftSettings: settings),
        .target(
            name: "HeroShared",
            dependencies: [
                "ActionHero", "HeroConfiguration", "HeroLog", "HeroRedis", "HeroRuntime", "HeroSystem", "HeroTLS",
                .product(name: "NIOCore", package: "swift-nio"),
            ], swiftSettings: settings),
        .target(
            name: "HeroServers",
            dependencies: [
                "ActionHero", "CHero", "CZlib", "HeroBundles", "HeroConfiguration", "HeroLog",
                "HeroRuntime", "HeroSystem", "HeroTLS",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOHPACK", package: "swift-nio-http2"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOPosix", package: "swift-nio"),
                // SwiftNIO's; named here because their versions are fixed above.
                .product(name: "Atomics", package: "swift-atomics"),
                .product(name: "DequeModule", package: "swift-collections"),
            ], swiftSettings: settings,
            // Small, and one shared library less to find and to load at each start.
            linkerSettings: [.linkedLibrary(":libz.a")]),
        .target(
            name: "HeroCluster", dependencies: ["ActionHero", "CHero", "HeroBundles", "HeroLog", "HeroSystem"],
            swiftSettings: settings),
        .executableTarget(
            name: "hero",
            dependencies: [
                "ActionHero", "CHero", "HeroBundles", "HeroCluster", "HeroConfiguration", "HeroLog", "HeroRedis",
                "HeroRuntime", "HeroServers", "HeroShared", "HeroSystem", "HeroTasks",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ], exclude: ["Templates"], swiftSettings: settings, linkerSettings: hostLinkerSettings),
        .executableTarget(
            name: "RedisBench",
            dependencies: [
                "ActionHero", "HeroRedis", "HeroShared", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], path: "bench/redis", swiftSettings: settings),
        .target(
            name: "HeroTestSupport", dependencies: ["CZlib"], path: "Tests/HeroTestSupport",
            exclude: ["Resque/resque.js", "Resque/resque.py", "Resque/resque.rb"], swiftSettings: settings,
            linkerSettings: [.linkedLibrary("z")]),
        .testTarget(
            name: "ActionHeroTests", dependencies: ["ActionHero", "HeroTestSupport"], swiftSettings: settings),
        .testTarget(
            name: "HeroSystemTests", dependencies: ["ActionHero", "CHero", "HeroSystem", "HeroTestSupport"],
            exclude: ["Boards"], swiftSettings: settings),
        .target(
            name: "HeroRuntimeTestSupport",
            dependencies: [
                "ActionHero", "HeroRuntime", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], path: "Tests/HeroRuntimeTestSupport", swiftSettings: settings),
        .testTarget(
            name: "HeroLogTests", dependencies: ["ActionHero", "HeroLog", "HeroSystem", "HeroTestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "HeroConfigurationTests",
            dependencies: ["ActionHero", "HeroBundles", "HeroConfiguration", "HeroRuntime", "HeroTestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "HeroRuntimeTests",
            dependencies: [
                "ActionHero", "HeroBundles", "HeroConfiguration", "HeroLog", "HeroRuntime", "HeroRuntimeTestSupport",
                "HeroShared", "HeroSystem", "HeroTestSupport",
            ], swiftSettings: settings),
        .testTarget(
            name: "HeroSharedTests",
            dependencies: [
                "ActionHero", "HeroConfiguration", "HeroLog", "HeroRedis", "HeroRuntime", "HeroRuntimeTestSupport",
                "HeroShared", "HeroSystem", "HeroTestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], swiftSettings: settings),
        .testTarget(
            name: "HeroRedisTests",
            dependencies: [
                "ActionHero", "HeroRedis", "HeroTLS", "HeroTestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], swiftSettings: settings),
        .testTarget(
            name: "HeroTasksTests",
            dependencies: [
                "ActionHero", "HeroRedis", "HeroSystem", "HeroTasks", "HeroTestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], exclude: ["Model/jobs_model.py", "Model/resp.py"],
            swiftSettings: settings),
        .testTarget(
            name: "HeroClusterTests",
            dependencies: ["ActionHero", "HeroBundles", "HeroCluster", "HeroSystem", "HeroTestSupport"],
            exclude: ["HandOvers"], swiftSettings: settings),
        .testTarget(
            name: "HostTests", dependencies: ["ActionHero", "HeroTestSupport"], exclude: ["Golden"],
            swiftSettings: settings),
        .testTarget(name: "DocsTests", dependencies: ["HeroTestSupport"], swiftSettings: settings),
        .testTarget(
            name: "HeroServersTests",
            dependencies: [
                "ActionHero", "CZlib", "HeroBundles", "HeroConfiguration", "HeroLog", "HeroRuntime", "HeroServers",
                "HeroShared", "HeroSystem", "HeroTestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHPACK", package: "swift-nio-http2"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], swiftSettings: settings),
        .testTarget(
            name: "HeroTLSTests",
            dependencies: [
                "HeroTLS", "HeroTestSupport", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], swiftSettings: settings),
        .testTarget(
            name: "ConformanceTests",
            dependencies: [
                "ActionHero", "HeroRedis", "HeroShared", "HeroSystem", "HeroTasks", "HeroTestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            exclude: ["Fixture", "Recordings"], swiftSettings: settings),
        .testTarget(
            name: "HeroBundlesTests",
            dependencies: [
                "ActionHero", "CHero", "HeroBundles", "HeroRuntime", "HeroShared", "HeroSystem", "HeroTestSupport",
            ],
            swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)

// To run the tests of some targets, those of the others need not be built: HERO_TEST_TARGETS=HostTests,DocsTests.
if let names = Context.environment["HERO_TEST_TARGETS"]?.split(separator: ","), !names.isEmpty {
    package.targets.removeAll { target in target.type == .test && !names.contains { $0 == target.name } }
}
