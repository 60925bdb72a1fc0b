// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import CFFI
internal import CHero

/// A function of a loaded library that can be called with types that are known only at run time.
final class CFunction: @unchecked Sendable {
    // Unchecked: everything is written in `init` and only read afterwards, by libffi as well. The library is never
    // unloaded, so the addresses stay valid.
    typealias Release = @convention(c) (UnsafeMutableRawPointer?) -> Void

    struct Signature {
        var parameters: [CValueType]
        /// `nil` for `void`.
        var result: CValueType?
        /// Whether a `hero_error *` follows the parameters.
        var reportsErrors: Bool
    }

    private let signature: Signature
    private let function: hero_function
    private let release: Release?
    private let call: UnsafeMutablePointer<ffi_cif>
    /// libffi keeps a pointer to it.
    private let types: UnsafeMutablePointer<UnsafeMutablePointer<ffi_type>?>

    /// Prepares calls; `nil` when libffi cannot call such a function.
    ///
    /// - Parameters:
    ///   - function: Its address.
    ///   - signature: Its type; a wrong one is undefined behaviour when it is called.
    ///   - release: What to do with text that it returned, once that is copied.
    init?(_ function: hero_function, _ signature: Signature, release: Release? = nil) {
        self.function = function
        self.signature = signature
        self.release = release
        let count = signature.parameters.count + (signature.reportsErrors ? 1 : 0)
        types = .allocate(capacity: max(count, 1))
        types.initialize(repeating: hero_ffi_pointer(), count: max(count, 1))
        for (position, type) in signature.parameters.enumerated() { types[position] = type.ffiType }
        call = .allocate(capacity: 1)
        call.initialize(to: ffi_cif())
        let result = signature.result.map(\.ffiType) ?? hero_ffi_void()
        let status = ffi_prep_cif(call, FFI_DEFAULT_ABI, UInt32(count), result, types)
        guard status == FFI_OK else { return nil }
    }

    deinit {
        call.deallocate()
        types.deallocate()
    }

    /// - Parameters:
    ///   - values: One per parameter, of its type; `nil` for NULL.
    ///   - name: The action, for an error without a message.
    /// - Returns: The result; `nil` for `void`.
    /// - Throws: `ActionError` when the function reports one, ``CResultError``.
    func call(_ values: [JSON?], name: String) throws -> JSON? {
        let arguments = CArguments(values, signature.parameters)
        var error = hero_error()
        error.size = UInt32(MemoryLayout<hero_error>.size)
        // libffi writes 8 bytes also for smaller integers.
        var slot: UInt64 = 0
        withUnsafeMutablePointer(to: &error) { error in
            arguments.withPointers(error: signature.reportsErrors ? error : nil) { pointers in
                ffi_call(call, function, &slot, pointers)
            }
        }
        let result = CResult(slot: slot, type: signature.result)
        defer { if let release, let pointer = result.pointer { release(pointer) } }
        if let error = ActionError(error, name: name) { throw error }
        return try result.json
    }
}

extension ActionError {
    /// - Returns: `nil` when the function did not fail.
    fileprivate init?(_ error: hero_error, name: String) {
        let message = withUnsafeBytes(of: error.message, CFunction.text)
        let code = withUnsafeBytes(of: error.code, CFunction.text)
        guard !message.isEmpty || !code.isEmpty || error.status != 0 else { return nil }
        self.init(
            message.isEmpty ? "the action \(name) failed" : message, code: code.isEmpty ? nil : code,
            status: error.status == 0 ? nil : Int(error.status))
    }
}

extension CFunction {
    /// A field that is cut somewhere may end within a character, so what is not UTF-8 is replaced.
    fileprivate static func text(_ field: UnsafeRawBufferPointer) -> String {
        String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    }
}
