/// Addresses with a common beginning.
package struct IPNetwork: Sendable, Hashable {
    private let address: IPAddress
    /// Bits that count, of 128.
    private let length: Int

    /// - Parameter text: `10.0.0.0/8`, `fd00::/8`, or one address.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = IPAddress(parts[0]) else { return nil }
        let bits = address.isV4 && !parts[0].contains(":") ? 32 : 128
        var length = bits
        if parts.count == 2 {
            guard let given = Int(parts[1]), (0...bits).contains(given) else { return nil }
            length = given
        }
        self.address = address
        self.length = length + 128 - bits
    }

    package func contains(_ other: IPAddress) -> Bool {
        func isEqual(_ left: UInt64, _ right: UInt64, _ bits: Int) -> Bool {
            bits <= 0 || (left ^ right) >> UInt64(64 - min(bits, 64)) == 0
        }
        return isEqual(address.high, other.high, length) && isEqual(address.low, other.low, length - 64)
    }
}
