// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// Bundles are compiled against this module's interface and resolve its symbols in the host, so its layout must not leak
/// into them (library evolution), and the host must export it.
let sdkSettings: [SwiftSetting] = settings + [
    .unsafeFlags(["-enable-library-evolution", "-emit-module-interface"])
]

let package = Package(
    name: "actionhero",
    targets: [
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .target(name: "CHero"),
        .target(name: "ActionHero", swiftSettings: sdkSettings),
        .target(name: "HeroBundles", dependencies: ["ActionHero", "CHero", "COpenSSL"], swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
