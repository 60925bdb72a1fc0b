// swift-tools-version: 6.2
import PackageDescription

// Where hero keeps the SDK: lib/hero/sdk of its installation.
let sdk = Context.environment["HERO_SDK"] ?? "/usr/local/lib/hero/sdk"

let package = Package(
    name: "shout",
    products: [.library(name: "Shout", type: .dynamic, targets: ["Shout"])],
    dependencies: [.package(url: "https://github.com/apple/swift-nio", from: "2.101.2")],
    targets: [
        .target(
            name: "Shout",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: [.unsafeFlags(["-I", sdk])])
    ],
    swiftLanguageModes: [.v6]
)
