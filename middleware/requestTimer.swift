import ActionHero

/// Tells clients how long their action took: `middleware: ["requestTimer"]` adds the header `x-response-time`.
struct RequestTimer: ActionMiddleware {
    func before(_ context: Context) async throws {
        context.session["requestTimer"] = ContinuousClock.now
    }

    func after(_ context: Context, error: (any Error)?) async throws {
        guard let started: ContinuousClock.Instant = context.session["requestTimer"] else { return }
        let (seconds, attoseconds) = (ContinuousClock.now - started).components
        let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
        context.response.addHeader("X-Response-Time", "\(microseconds)us")
    }
}
