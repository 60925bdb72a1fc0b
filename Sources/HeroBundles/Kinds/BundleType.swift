// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package import ActionHero

/// A type of a bundle that the framework has a use for.
package struct BundleType: Sendable {
    /// For messages.
    package let name: String
    private let add: @Sendable (any BundleRegistry, String) throws -> Void

    private init(_ name: String, _ add: @escaping @Sendable (any BundleRegistry, String) throws -> Void) {
        (self.name, self.add) = (name, add)
    }

    /// - Parameters:
    ///   - registry: What a process is being made of.
    ///   - file: The bundle, relative to the project.
    /// - Throws: What the registry says about it.
    package func register(in registry: any BundleRegistry, file: String) throws { try add(registry, file) }

    package static func action(_ type: any Action.Type) -> BundleType {
        BundleType("\(type)") { try $0.add(type, file: $1) }
    }

    /// A function of a C bundle, with what its table says about it.
    package static func cAction(_ action: CAction) -> BundleType {
        BundleType(action.name) { try $0.add(action, file: $1) }
    }

    package static func actionMiddleware(_ type: any ActionMiddleware.Type) -> BundleType {
        BundleType("\(type)") { try $0.add(type, file: $1) }
    }

    package static func connectionMiddleware(_ type: any ConnectionMiddleware.Type) -> BundleType {
        BundleType("\(type)") { try $0.add(type, file: $1) }
    }

    package static func initializer(_ type: any Initializer.Type) -> BundleType {
        BundleType("\(type)") { try $0.add(type, file: $1) }
    }

    package static func backgroundTask(_ type: any BackgroundTask.Type) -> BundleType {
        BundleType("\(type)") { try $0.add(type, file: $1) }
    }

    package static func taskMiddleware(_ type: any TaskMiddleware.Type) -> BundleType {
        BundleType("\(type)") { try $0.add(type, file: $1) }
    }

    package static func command(_ type: any Command.Type) -> BundleType {
        BundleType("\(type)") { try $0.add(type, file: $1) }
    }
}

/// Where the types of bundles go, one function for each protocol that they may conform to.
package protocol BundleRegistry: AnyObject {
    func add(_ type: any Action.Type, file: String) throws
    func add(_ action: CAction, file: String) throws
    func add(_ type: any ActionMiddleware.Type, file: String) throws
    func add(_ type: any ConnectionMiddleware.Type, file: String) throws
    func add(_ type: any Initializer.Type, file: String) throws
    func add(_ type: any BackgroundTask.Type, file: String) throws
    func add(_ type: any TaskMiddleware.Type, file: String) throws
    func add(_ type: any Command.Type, file: String) throws
}
