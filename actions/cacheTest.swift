import ActionHero

struct CacheTest: Action {
    static let description = "I will test the internal cache functions of the API"

    @Input("The name to store a value under", validate: longEnough) var key: String
    @Input("The value to store", validate: longEnough) var value: String

    struct Output: Encodable {
        struct Results: Encodable {
            let saveResp: Bool
            let sizeResp: Int
            let loadResp: CacheEntry<String>
            let deleteResp: Bool
        }

        let cacheTestResults: Results
    }

    private static let longEnough = Validator<String>.custom("inputs should be at least 3 letters long") {
        $0.count >= 3
    }

    func run(_ context: Context) async throws -> Output {
        let name = "cacheTest_\(key)"
        try await context.cache.save(name, value, expiresAfter: .seconds(5))
        return Output(
            cacheTestResults: Output.Results(
                saveResp: true, sizeResp: try await context.cache.size(),
                loadResp: try await context.cache.load(name), deleteResp: try await context.cache.destroy(name)))
    }
}
