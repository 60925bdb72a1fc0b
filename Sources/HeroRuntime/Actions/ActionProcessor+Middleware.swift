// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

internal import ActionHero
internal import HeroConfiguration
internal import HeroLog

// The action and what is around it.
extension ActionProcessor {
    func perform(_ call: ActionCall) async -> (ActionStatus, PresentedError?) {
        guard call.request.isWholeConnection, !connectionMiddleware.isEmpty else { return await performAction(call) }
        let connection = Connection(host: call.request.connection)
        var refusal: PresentedError?
        var entered: [any ConnectionMiddleware] = []
        for middleware in connectionMiddleware {
            entered.append(middleware)
            do {
                try await middleware.create(connection)
            } catch {
                refusal = PresentedError(error, errors)
                break
            }
        }
        let outcome: (ActionStatus, PresentedError?)
        if let refusal { outcome = (.genericError, refusal) } else { outcome = await performAction(call) }
        for middleware in entered {
            do {
                try await middleware.destroy(connection)
            } catch {
                application.log.write(
                    level: .error, message: "connection middleware failed",
                    data: [("error", .string(String(describing: error)))])
            }
        }
        return outcome
    }

    private func performAction(_ call: ActionCall) async -> (ActionStatus, PresentedError?) {
        guard let record = call.record else { return (.unknownAction, unknownAction) }
        guard !record.chain.isEmpty else { return await runAction(call, record) }
        let context = Context(host: call)
        var outcome: (status: ActionStatus, error: PresentedError?) = (.complete, nil)
        var entered: [any ActionMiddleware] = []
        for middleware in record.chain {
            entered.append(middleware)
            do {
                try await middleware.before(context)
            } catch {
                outcome = (.genericError, PresentedError(error, errors))
                break
            }
        }
        if outcome.error == nil, !call.isSkipped {
            outcome = await runAction(call, record)
        }
        for middleware in entered {
            do {
                try await middleware.after(context, error: outcome.error?.cause)
            } catch  where outcome.error == nil {
                outcome = (.genericError, PresentedError(error, errors))
            } catch {
                application.log.write(
                    level: .error, message: "middleware failed after an action that had failed",
                    data: [("action", .string(record.name)), ("error", .string(String(describing: error)))])
            }
        }
        return outcome
    }

    private func runAction(_ call: ActionCall, _ record: ActionRecord) async -> (ActionStatus, PresentedError?) {
        let run: ActionRecord.Run
        do {
            run = try prepare(call, record)
        } catch {
            return present(error)
        }
        do {
            let context = Context(host: call)
            let output: EncodedOutput
            switch record.execution {
            case .eventLoop: output = try await run(context)
            case .threadPool: output = try await threadPool.run(record.watched) { try await run(context) }
            @unknown default: output = try await run(context)
            }
            call.setOutput(output)
            return (.complete, nil)
        } catch {
            return (.genericError, PresentedError(error, errors))
        }
    }

    /// Filters the parameters and makes the action's instance from them.
    func prepare(_ call: ActionCall, _ record: ActionRecord) throws(InputProblems) -> ActionRecord.Run {
        scrubParams(call, record)
        return try record.prepare(call, general.missingParamChecks)
    }

    func scrubParams(_ call: ActionCall, _ record: ActionRecord) {
        if !general.disableParamScrubbing { call.scrubParams { isAllowed($0, record) } }
    }

    private func isAllowed(_ name: String, _ record: ActionRecord) -> Bool {
        ParameterNames.isAlwaysAllowed(name) || record.inputs.hasInput(name)
    }

    func present(_ problems: InputProblems) -> (ActionStatus, PresentedError) {
        switch problems {
        case .missing(let names):
            let text = ErrorsConfiguration.fill(errors.missingParams, "param", with: names.first ?? "")
            return (.missingParams, PresentedError(text))
        case .invalid(let found):
            guard let first = found.first else { return (.validatorErrors, PresentedError("validation error")) }
            return (.validatorErrors, PresentedError(first, errors))
        case .failed(let error): return (.genericError, PresentedError(error, errors))
        }
    }
}
