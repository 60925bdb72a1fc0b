// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

/// Actions of the project that is given bad input.
enum BadInputSources {
    static let inputs = #"""
        import ActionHero
        import FoundationEssentials

        struct Good: Action {
            @Input("any text") var text: String
            struct Output: Encodable { let text: String }
            func run(_ context: Context) async throws -> Output { Output(text: text) }
        }

        enum Colour: String, CaseIterable, Decodable { case red, green }

        struct Address: InputObject {
            @Input("the street") var street: String
            @Input("its number", validate: .range(1...999)) var number: Int
        }

        struct Kinds: Action {
            @Input("text") var text: String?
            @Input("whole number") var whole: Int?
            @Input("small") var small: UInt8?
            @Input("number") var number: Double?
            @Input("flag") var flag: Bool?
            @Input("choice") var colour: Colour?
            @Input("list") var list: [Int]?
            @Input("object") var address: Address?
            @Input("objects") var addresses: [Address]?
            @Input("date") var date: Date?
            @Input("limited", validate: .length(1...3)) var limited: String?
            @Input("map") var map: [String: Int]?
            struct Output: Encodable { let isGood = true }
            func run(_ context: Context) async throws -> Output { Output() }
        }
        """#

    static let failures = #"""
        import ActionHero

        struct Fail: Action {
            @Input("how") var how: String

            struct Plain: Error {}
            struct Described: Error, CustomStringConvertible { let description: String }
            struct Unencodable: Encodable {
                func encode(to encoder: any Encoder) throws { throw Described(description: "will not be encoded") }
            }

            func run(_ context: Context) async throws -> NoOutput {
                switch how {
                case "plain": throw Plain()
                case "described": throw Described(description: "line one\nline \"two\"")
                case "action": throw ActionError("meant for clients")
                case "status": throw ActionError("teapot", status: 418)
                case "wrongStatus": throw ActionError("no such status", status: 1000)
                case "negativeStatus": throw ActionError("no such status", code: "-5")
                case "cancelled": throw CancellationError()
                case "empty": throw ActionError("")
                case "nanField": throw ActionError("with a field", fields: ["value": .number(.nan)])
                case "encoding": _ = try JSON(Unencodable())
                case "nested": _ = try await context.run("fail", params: ["how": "status"])
                case "unknownNested": _ = try await context.run("nope")
                case "endless": _ = try await context.run("fail", params: ["how": "endless"])
                default: break
                }
                return NoOutput()
            }
        }

        struct Number: Action {
            @Input("which") var which: String
            struct Deep: Encodable { let list: [[String: Double]] }
            struct Output: Encodable { let good = 1; let deep: Deep }
            func run(_ context: Context) async throws -> Output {
                let value: Double = which == "nan" ? .nan : which == "infinity" ? .infinity : -.infinity
                return Output(deep: Deep(list: [["fine": 1], ["value": value]]))
            }
        }

        struct WholeNumber: Action {
            func run(_ context: Context) async throws -> Double { .nan }
        }

        struct Loose: Action {
            func run(_ context: Context) async throws -> JSON {
                context.response["early"] = .number(.infinity)
                return ["value": .number(.nan), "list": [.number(-.infinity)]]
            }
        }

        struct Hang: Action {
            func run(_ context: Context) async throws -> NoOutput {
                context.log.notice("hanging")
                await withTaskCancellationHandler {
                    await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
                } onCancel: {
                    context.log.notice("hanging was cancelled")
                }
                return NoOutput()
            }
        }

        struct HangLimited: Action {
            static let timeout = Duration.milliseconds(50)
            func run(_ context: Context) async throws -> NoOutput {
                await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
                return NoOutput()
            }
        }

        struct HangThread: Action {
            static let execution = Execution.threadPool
            static let timeout = Duration.milliseconds(50)
            func run(_ context: Context) async throws -> NoOutput {
                while true {
                    try await Task.sleep(for: .seconds(3600))
                }
            }
        }
        """#

    static let texts = #"""
        import ActionHero

        /// Shows everything that a client can send as text.
        struct Mirror: Action {
            func run(_ context: Context) async throws -> JSON {
                let request = context.connection.request
                var headers: JSON = [:]
                for (name, value) in request?.headers ?? [] { headers[name] = .string(value) }
                var cookies: JSON = [:]
                for (name, value) in request?.cookies ?? [:] { cookies[name] = .string(value) }
                context.log.notice("mirror \(request?.path ?? "") \(request?.queryString ?? "")")
                return [
                    "params": .object(context.params), "headers": headers, "cookies": cookies,
                    "path": .string(request?.path ?? ""), "query": .string(request?.queryString ?? ""),
                    "extension": .string(request?.fileExtension ?? ""), "fingerprint": .string(context.connection.fingerprint),
                    "body": request?.body ?? .null, "method": .string(request?.method ?? ""),
                ]
            }
        }

        struct Header: Action {
            @Input("name") var name: String
            @Input("value") var value: String
            func run(_ context: Context) async throws -> NoOutput {
                context.response.addHeader(name, value)
                context.response.setHeader(name, value)
                context.response.setCookie(Cookie(name, value))
                return NoOutput()
            }
        }

        struct Status: Action {
            @Input("status") var status: Int
            func run(_ context: Context) async throws -> NoOutput {
                context.response.status = status
                return NoOutput()
            }
        }
        """#

    /// What a language without checked strings can return.
    static let c = #"""
        #include <hero_bundle.h>
        #include <math.h>

        static const char *broken_text(void) { return "a\xff\xc3(b"; }
        static const char *broken_json(void) { return "{\"a\":"; }
        static const char *broken_json_text(void) { return "{\"a\":\"\xff\"}"; }
        static const char *no_text(void) { return NULL; }
        static double not_a_number(void) { return NAN; }
        static int64_t broken_error(hero_error *error) {
            error->status = 7;
            error->code[0] = '\xff';
            error->message[0] = 'm';
            error->message[1] = '\xfe';
            for (unsigned i = 2; i < sizeof error->message; i++) error->message[i] = 'x';
            return 1;
        }
        static const char *echo(const char *text) { return text; }

        static const hero_input echo_inputs[] = {
            {.name = "text", .help = "Any text", .type = HERO_TYPE_TEXT, .flags = HERO_INPUT_REQUIRED},
        };

        static const hero_action actions[] = {
            {.name = "cText", .result_type = HERO_TYPE_TEXT, .flags = HERO_ACTION_CANNOT_FAIL,
             .function = (hero_function)broken_text},
            {.name = "cJSON", .result_type = HERO_TYPE_JSON, .flags = HERO_ACTION_CANNOT_FAIL,
             .function = (hero_function)broken_json},
            {.name = "cJSONText", .result_type = HERO_TYPE_JSON, .flags = HERO_ACTION_CANNOT_FAIL,
             .function = (hero_function)broken_json_text},
            {.name = "cNull", .result_type = HERO_TYPE_TEXT, .flags = HERO_ACTION_CANNOT_FAIL,
             .function = (hero_function)no_text},
            {.name = "cNaN", .result_type = HERO_TYPE_DOUBLE, .flags = HERO_ACTION_CANNOT_FAIL,
             .function = (hero_function)not_a_number},
            {.name = "cError", .result_type = HERO_TYPE_INTEGER, .function = (hero_function)broken_error},
            {.name = "cEcho", .inputs = echo_inputs, .input_count = 1, .result_type = HERO_TYPE_TEXT,
             .flags = HERO_ACTION_CANNOT_FAIL, .function = (hero_function)echo},
        };
        HERO_BUNDLE(actions);
        """#
}
