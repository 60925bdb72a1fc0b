// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Testing

@testable import HeroBundles

@Suite("C functions are called with what their table declares")
struct CFunctionTests {
    private static let actions = Result { () throws -> [String: CAction] in
        let project = try TemporaryProject()
        try project.build(source, to: "actions/calls.so")
        return try project.actions()
    }

    private func run(_ name: String, _ parameters: JSON.Object = [:]) throws -> JSON {
        let action = try #require(try Self.actions.get()[name])
        return try action.run(action.inputs.values(from: parameters, missingValues: [.null, ""]))
    }

    @Test("every type arrives as the request gave it and comes back")
    func allTypes() throws {
        let parameters: JSON.Object = [
            "flag": "yes", "count": "-9007199254740993", "ratio": "0.25", "text": "grüße", "data": ["a": [1, nil]],
        ]
        let expected: JSON = [
            "flag": true, "count": .integer(-9_007_199_254_740_993), "ratio": 0.25, "text": "grüße",
            "data": ["a": [1, nil]],
        ]
        #expect(try run("everything", parameters) == expected)
    }

    @Test("arguments that do not fit into registers arrive too")
    func manyArguments() throws {
        var parameters = JSON.Object()
        for position in 0..<20 { parameters["i\(position)"] = .integer(1 << position) }
        #expect(try run("sumOfMany", parameters) == ["result": .integer((1 << 20) - 1)])
    }

    @Test("each scalar result becomes the member `result`")
    func scalarResults() throws {
        #expect(try run("isEven", ["number": 4]) == ["result": true])
        #expect(try run("isEven", ["number": 5]) == ["result": false])
        #expect(try run("lowest") == ["result": .integer(.min)])
        #expect(try run("half", ["number": 5]) == ["result": 2.5])
    }

    @Test("a function that returns nothing answers nothing")
    func nothing() throws { #expect(try run("nothing") == [:]) }

    @Test("NULL is null, for text and for JSON")
    func null() throws {
        #expect(try run("nullText") == ["result": nil])
        #expect(try run("nullJSON") == ["result": nil])
    }

    @Test("the members of a JSON object are the response, other JSON is its result")
    func json() throws {
        #expect(try run("echo", ["value": ["a": 1]]) == ["a": 1])
        #expect(try run("echo", ["value": #"{"a":1}"#]) == ["a": 1])
        #expect(try run("echo", ["value": [1, 2]]) == ["result": [1, 2]])
        #expect(try run("echo", ["value": "plain"]) == ["result": "plain"])
    }

    @Test("an input that is absent and has no default is NULL, an empty text is not")
    func absent() throws {
        #expect(try run("isGiven") == ["result": false])
        #expect(try run("isGiven", ["text": nil]) == ["result": false])
        #expect(try run("isGiven", ["text": ""]) == ["result": true])
    }

    @Test("defaults stand for absent values")
    func defaults() throws {
        #expect(try run("defaults") == ["flag": true, "count": 7, "ratio": 1.5, "text": "none", "data": [1, 2]])
    }

    @Test("message, code and status of an error reach the client")
    func error() throws {
        let error = #expect(throws: ActionError.self) { try run("fail", ["status": 402]) }
        #expect(error == ActionError("no money", code: "E_CARD", status: 402))
        let bare = #expect(throws: ActionError.self) { try run("failWithStatus") }
        #expect(bare == ActionError("the action failWithStatus failed", status: 404))
    }

    @Test("an error message that fills its field is cut, not overrun")
    func longError() throws {
        let error = #expect(throws: ActionError.self) { try run("failAtLength") }
        #expect(error?.message == String(repeating: "x", count: 512))
    }

    @Test("every result is released once, those of failed calls too, and NULL never")
    func release() throws {
        #expect(try run("counted", ["fails": false]) == ["result": "text"])
        #expect(throws: ActionError.self) { try run("counted", ["fails": true]) }
        #expect(throws: CResultError.self) { try run("countedNotJSON") }
        #expect(try run("countedNull") == ["result": nil])
        #expect(try run("releases") == ["result": 3])
    }

    @Test("text that is not UTF-8 and JSON that is none fail the call")
    func brokenResults() throws {
        #expect(throws: CResultError.self) { try run("notUTF8") }
        #expect(throws: CResultError.self) { try run("notJSON") }
    }

    @Test("text with a NUL character, which would end early in C, is refused")
    func nulCharacter() throws {
        let problems = #expect(throws: InputProblems.self) { try run("isGiven", ["text": "a\0b"]) }
        guard case .invalid(let errors)? = problems else {
            Issue.record("\(String(describing: problems))")
            return
        }
        #expect(errors.map { "\($0)" } == ["text must not contain NUL characters"])
    }

    private static let source = """
        #include <hero_bundle.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>

        #define F(name) (hero_function)name
        #define PLAIN .flags = HERO_ACTION_CANNOT_FAIL
        #define INPUTS(array) .inputs = array, .input_count = HERO_COUNT(array)

        static const char *everything(bool flag, int64_t count, double ratio, const char *text, const char *data,
                                      hero_error *error) {
            static _Thread_local char buffer[512];
            if (error->size != sizeof(hero_error)) abort();
            snprintf(buffer, sizeof buffer, "{\\"flag\\":%s,\\"count\\":%lld,\\"ratio\\":%g,\\"text\\":\\"%s\\",\\"data\\":%s}",
                     flag ? "true" : "false", (long long)count, ratio, text, data);
            return buffer;
        }
        static const hero_input everything_inputs[] = {
            {.name = "flag", .type = HERO_TYPE_BOOLEAN, .flags = HERO_INPUT_REQUIRED},
            {.name = "count", .type = HERO_TYPE_INTEGER, .flags = HERO_INPUT_REQUIRED},
            {.name = "ratio", .type = HERO_TYPE_DOUBLE, .flags = HERO_INPUT_REQUIRED},
            {.name = "text", .type = HERO_TYPE_TEXT, .flags = HERO_INPUT_REQUIRED},
            {.name = "data", .type = HERO_TYPE_JSON, .flags = HERO_INPUT_REQUIRED},
        };
        static const hero_input default_inputs[] = {
            {.name = "flag", .type = HERO_TYPE_BOOLEAN, .default_text = "true"},
            {.name = "count", .type = HERO_TYPE_INTEGER, .default_text = "7"},
            {.name = "ratio", .type = HERO_TYPE_DOUBLE, .default_text = "1.5"},
            {.name = "text", .type = HERO_TYPE_TEXT, .default_text = "none"},
            {.name = "data", .type = HERO_TYPE_JSON, .default_text = "[1,2]"},
        };

        #define TEN(X, p) X(p##0) X(p##1) X(p##2) X(p##3) X(p##4) X(p##5) X(p##6) X(p##7) X(p##8) X(p##9)
        static int64_t sum(int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, int64_t f, int64_t g, int64_t h,
                           int64_t i, int64_t j, int64_t k, int64_t l, int64_t m, int64_t n, int64_t o, int64_t p,
                           int64_t q, int64_t r, int64_t s, int64_t t, hero_error *error) {
            if (error->size != sizeof(hero_error)) abort();
            return a + b + c + d + e + f + g + h + i + j + k + l + m + n + o + p + q + r + s + t;
        }
        #define NUMBER(n) {.name = #n, .type = HERO_TYPE_INTEGER, .flags = HERO_INPUT_REQUIRED},
        static const hero_input many_inputs[] = { TEN(NUMBER, i) TEN(NUMBER, i1) };

        static bool is_even(int64_t number) { return number % 2 == 0; }
        static int64_t lowest(void) { return INT64_MIN; }
        static double half(double number) { return number / 2; }
        static void nothing(void) {}
        static const char *null(void) { return NULL; }
        static const char *echo(const char *value) {
            static _Thread_local char buffer[256];
            snprintf(buffer, sizeof buffer, "%s", value);
            return buffer;
        }
        static bool is_given(const char *text) { return text != NULL; }
        static const char *not_utf8(void) { return "\\xff"; }
        static const char *not_json(void) { return "{"; }

        static int64_t fail(int64_t status, hero_error *error) {
            error->status = (int32_t)status;
            strcpy(error->code, "E_CARD");
            strcpy(error->message, "no money");
            return 1;
        }
        static void fail_with_status(hero_error *error) { error->status = 404; }
        static void fail_at_length(hero_error *error) { memset(error->message, 'x', sizeof error->message); }

        static int64_t count;
        static void counting_free(void *memory) {
            if (!memory) abort();
            count++;
            free(memory);
        }
        static const char *counted(bool fails, hero_error *error) {
            if (fails) error->status = 500;
            char *text = malloc(5);
            if (text) memcpy(text, "text", 5);
            return text;
        }
        static const char *counted_not_json(void) { return calloc(1, 1); }
        static int64_t releases(void) { return count; }

        static const hero_input number_input[] = {
            {.name = "number", .type = HERO_TYPE_INTEGER, .flags = HERO_INPUT_REQUIRED}};
        static const hero_input ratio_input[] = {
            {.name = "number", .type = HERO_TYPE_DOUBLE, .flags = HERO_INPUT_REQUIRED}};
        static const hero_input value_input[] = {
            {.name = "value", .type = HERO_TYPE_JSON, .flags = HERO_INPUT_REQUIRED}};
        static const hero_input text_input[] = {{.name = "text", .type = HERO_TYPE_TEXT}};
        static const hero_input status_input[] = {
            {.name = "status", .type = HERO_TYPE_INTEGER, .flags = HERO_INPUT_REQUIRED}};
        static const hero_input fails_input[] = {
            {.name = "fails", .type = HERO_TYPE_BOOLEAN, .flags = HERO_INPUT_REQUIRED}};

        static const hero_action actions[] = {
            {.name = "everything", INPUTS(everything_inputs), .result_type = HERO_TYPE_JSON, .function = F(everything)},
            {.name = "defaults", INPUTS(default_inputs), .result_type = HERO_TYPE_JSON, .function = F(everything)},
            {.name = "sumOfMany", INPUTS(many_inputs), .result_type = HERO_TYPE_INTEGER, .function = F(sum)},
            {.name = "isEven", INPUTS(number_input), .result_type = HERO_TYPE_BOOLEAN, PLAIN, .function = F(is_even)},
            {.name = "lowest", .result_type = HERO_TYPE_INTEGER, PLAIN, .function = F(lowest)},
            {.name = "half", INPUTS(ratio_input), .result_type = HERO_TYPE_DOUBLE, PLAIN, .function = F(half)},
            {.name = "nothing", PLAIN, .function = F(nothing)},
            {.name = "nullText", .result_type = HERO_TYPE_TEXT, PLAIN, .function = F(null)},
            {.name = "nullJSON", .result_type = HERO_TYPE_JSON, PLAIN, .function = F(null)},
            {.name = "echo", INPUTS(value_input), .result_type = HERO_TYPE_JSON, PLAIN, .function = F(echo)},
            {.name = "isGiven", INPUTS(text_input), .result_type = HERO_TYPE_BOOLEAN, PLAIN, .function = F(is_given)},
            {.name = "notUTF8", .result_type = HERO_TYPE_TEXT, PLAIN, .function = F(not_utf8)},
            {.name = "notJSON", .result_type = HERO_TYPE_JSON, PLAIN, .function = F(not_json)},
            {.name = "fail", INPUTS(status_input), .result_type = HERO_TYPE_INTEGER, .function = F(fail)},
            {.name = "failWithStatus", .function = F(fail_with_status)},
            {.name = "failAtLength", .function = F(fail_at_length)},
            {.name = "counted", INPUTS(fails_input), .result_type = HERO_TYPE_TEXT, .function = F(counted),
             .release = counting_free},
            {.name = "countedNotJSON", .result_type = HERO_TYPE_JSON, PLAIN, .function = F(counted_not_json),
             .release = counting_free},
            {.name = "countedNull", .result_type = HERO_TYPE_TEXT, PLAIN, .function = F(null),
             .release = counting_free},
            {.name = "releases", .result_type = HERO_TYPE_INTEGER, PLAIN, .function = F(releases)},
        };
        HERO_BUNDLE(actions);
        """
}
