import ActionHero

struct RandomNumber: Action {
    static let description = "I am an API method which will generate a random number"
    static let outputExample: JSON = ["randomNumber": 0.123]

    struct Output: Encodable {
        let randomNumber: Double
        let stringRandomNumber: String
    }

    func run(_ context: Context) async throws -> Output {
        let number = Double.random(in: 0..<1)
        return Output(randomNumber: number, stringRandomNumber: "Your random number is \(JSON.number(number))")
    }
}
