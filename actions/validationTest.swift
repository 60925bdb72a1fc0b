import ActionHero

struct ValidationTest: Action {
    static let description = "I will test action input validators"

    @Input("Any text") var string: String
    @Input(
        "A formatter that fails for 123, and a validator that fails for everything that is not a number",
        format: .custom(formatNumber), validate: .custom("Param number is not a valid number!") { Double($0) != nil })
    var number: String?

    struct Output: Encodable {
        let string: String
    }

    func run(_ context: Context) async throws -> Output {
        Output(string: string)
    }

    @Sendable private static func formatNumber(_ text: String) throws -> String {
        if text == "123" { throw ActionError("Failed formatting number correctly!") }
        return text
    }
}
