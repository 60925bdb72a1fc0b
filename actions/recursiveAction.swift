import ActionHero

struct RecursiveAction: Action {
    static let description = "I am an action that runs another action"

    func run(_ context: Context) async throws -> JSON {
        var response = try await context.run("randomNumber")
        response["local"] = true
        return response
    }
}
