// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Runs actions from tests.
///
///     @Test("a stranger is greeted by name")
///     func greets() async throws {
///         let response = await SpecHelper.runAction("greet", params: ["name": "Ada"])
///         #expect(response["greeting"] == "Hello, Ada")
///     }
///
/// Works inside `hero test` only, which loads the application in the environment `test` and starts its initializers.
public enum SpecHelper {
    private static let host = Mutex<(any ApplicationHost)?>(nil)

    package static func install(_ application: any ApplicationHost) { host.withLock { $0 = application } }

    /// Runs an action on a connection of its own, with its middleware and validation.
    ///
    /// - Parameters:
    ///   - name: The name of the action.
    ///   - version: Its version; `nil` for the latest.
    ///   - params: Its parameters.
    /// - Returns: The response; a failed action has the member `error` in it.
    public static func runAction(_ name: String, version: String? = nil, params: JSON.Object = [:]) async -> JSON {
        do {
            return try await application.run(name, version: version, params: params)
        } catch let error as ActionError {
            return ["error": error.payload ?? .string(error.message)]
        } catch {
            return ["error": .string(String(describing: error))]
        }
    }

    /// The application under test.
    ///
    /// - Throws: ``SpecHelperError`` outside of `hero test`.
    public static var application: Application {
        get throws {
            guard let application = host.withLock({ $0 }) else { throw SpecHelperError() }
            return Application(host: application)
        }
    }
}

/// Tests were run without an application around them.
public struct SpecHelperError: Error, Sendable, CustomStringConvertible {
    /// What to do.
    public var description: String { "SpecHelper works inside `hero test` only" }
}
