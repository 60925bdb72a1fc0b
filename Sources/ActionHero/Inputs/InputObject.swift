// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// A structure whose properties are inputs, declared with ``Input``.
///
/// Every ``Action`` and ``Command`` is one. Declare one of your own to describe a nested object:
///
///     struct Address: InputObject {
///         @Input("Street and number") var street: String
///         @Input("Postal code", validate: .pattern("^[0-9]{5}$")) var zip: String
///     }
///
///     struct CreateUser: Action {
///         @Input("Where the user lives") var address: Address
///         …
///     }
///
/// The compiler writes everything that the protocol asks for. A nested structure's inputs are validated like an
/// action's own; an error names the whole path, for example `address.zip`. Nested structures that are plain `Decodable`
/// work too, without validation.
public protocol InputObject: Decodable, Sendable {
    /// Makes an instance whose inputs have no values yet; the host reads their definitions from it.
    init()
}
