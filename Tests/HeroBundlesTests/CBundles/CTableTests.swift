// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import Glibc
import Testing

@testable import HeroBundles

@Suite("a table that the host cannot use is refused with file, place, value and remedy")
struct CTableTests {
    /// One library whose other tables each have one fault.
    private static let library = Result { () throws -> (project: TemporaryProject, handle: UInt) in
        let project = try TemporaryProject()
        try project.compile(source, to: "actions/faults.so")
        let handle = try #require(dlopen("\(project.root)/actions/faults.so", RTLD_NOW | RTLD_LOCAL))
        return (project, UInt(bitPattern: handle))
    }

    private static let file = Generation.File(role: .action, path: "actions/faults.so", sha256: "", manifest: nil)

    private func problems(_ table: String) throws -> [BundleProblem] {
        let handle = UnsafeMutableRawPointer(bitPattern: try Self.library.get().handle)
        let address = try #require(dlsym(handle, table))
        do throws(BundlesRefused) {
            _ = try CTableReader.actions(at: address, of: Self.file)
            return []
        } catch {
            return error.problems
        }
    }

    @Test(
        "each fault has a message of its own",
        arguments: [
            ("no_version", "hero_bundle_table: abi_version is 0, this host reads 1 to 1"),
            ("newer_version", "hero_bundle_table: abi_version is 9, this host reads 1 to 1"),
            ("small_table", "hero_bundle_table: size is 16, sizeof(hero_bundle) is 64 in this host"),
            ("small_action", "hero_bundle_table: action_size is 88, sizeof(hero_action) is 96 in this host"),
            ("huge_action", "hero_bundle_table: action_size is 1048576, sizeof(hero_action) is 96 in this host"),
            ("odd_input", "hero_bundle_table: input_size is 50, sizeof(hero_input) is 48 in this host"),
            ("no_actions", "hero_bundle_table: action_count is 0"),
            ("null_actions", "hero_bundle_table: actions is NULL"),
            ("many_actions", "hero_bundle_table: action_count is 4000000000"),
            ("null_name", "action 0: name is NULL"),
            ("empty_name", "action 0: name is empty"),
            ("bad_name", "action 0: name is not UTF-8: 'a\u{FFFD}b'"),
            ("endless_name", "action 0: name has no end within 65535 bytes"),
            ("bad_description", "action 0 (a): description is not UTF-8: '\u{FFFD}'"),
            ("null_function", "action 0 (a): function is NULL"),
            ("unknown_result", "action 0 (a): result_type is 77, which is no type that it can have"),
            ("null_inputs", "action 0 (a): inputs is NULL, input_count is 2"),
            ("many_inputs", "action 0 (a): too many inputs, input_count is 65"),
            ("null_input_name", "action 0 (a), input 0: name is NULL"),
            (
                "nothing_input",
                "action 0 (a), input 0 (x): type is HERO_TYPE_NOTHING, which is no type that it can have"
            ),
            ("unknown_input", "action 0 (a), input 0 (x): type is 6, which is no type that it can have"),
            ("same_inputs", "action 0 (a): the input x is there twice"),
            ("contradiction", "action 0 (a): the input x is required and has a default; drop one"),
            (
                "absent_number",
                "action 0 (a): the input x is neither required nor has a default, and only text and JSON can be absent"
            ),
            ("bad_default", "action 0 (a): the default 'ten' of the input x must be a whole number"),
            ("empty_default", "action 0 (a): the default '' of the input x is empty"),
            (
                "bad_json_default",
                "action 0 (a): the default '{' of the input x is not JSON: unexpected end of input at byte 1"
            ),
        ])
    func fault(table: String, message: String) throws {
        let problems = try problems(table)
        #expect(problems.map(\.message) == ["actions/faults.so: \(message)"])
        #expect(problems.allSatisfy { $0.code == .definition && !$0.remedy.isEmpty })
    }

    @Test(
        "what this host does not know must be zero",
        arguments: [
            ("reserved_table", "hero_bundle_table"), ("reserved_action", "action 0"), ("flags_action", "action 0 (a)"),
            ("reserved_input", "action 0 (a), input 0"), ("flags_input", "action 0 (a), input 0 (x)"),
            ("newer_field", "action 0"),
        ])
    func unknown(table: String, place: String) throws {
        let text = "something is set that this host does not know: a reserved field, a flag or a newer field"
        #expect(try problems(table).map(\.message) == ["actions/faults.so: \(place): \(text)"])
    }

    @Test("every faulty action of a table is reported")
    func severalFaults() throws { #expect(try problems("several_faults").count == 2) }

    @Test("a table with larger structures is read when what is new in it is zero")
    func largerStructures() throws { #expect(try problems("larger").isEmpty) }

    @Test("description and version have defaults")
    func defaults() throws {
        let handle = UnsafeMutableRawPointer(bitPattern: try Self.library.get().handle)
        let actions = try CTableReader.actions(at: #require(dlsym(handle, "hero_bundle_table")), of: Self.file)
        #expect(actions.map(\.name) == ["a"])
        #expect(actions.map(\.description) == ["a"])
        #expect(actions.map(\.version) == ["1"])
        let input = try #require(actions[0].inputs.table.descriptions.first)
        #expect(input.name == "x" && input.help == "An x" && input.type == "whole number")
        #expect(input.isSecret && !input.isRequired && input.defaultText == "10")
    }

    private static let source = """
        #include <hero_bundle.h>

        static void f(void) {}
        #define FUNCTION .function = (hero_function)f
        #define SIZES sizeof(hero_bundle), sizeof(hero_action), sizeof(hero_input)
        #define ZERO {0, 0, 0, 0}
        #define EXPORT __attribute__((visibility("default"))) extern const
        #define TABLE(name, ...) EXPORT hero_bundle name; const hero_bundle name = {__VA_ARGS__};
        #define ACTION(table, ...) \\
            static const hero_action table##_actions[] = {{__VA_ARGS__}}; \\
            TABLE(table, 1, SIZES, 1, 0, table##_actions, ZERO)
        #define INPUT(table, ...) \\
            static const hero_input table##_inputs[] = {{__VA_ARGS__}}; \\
            ACTION(table, .name = "a", FUNCTION, .inputs = table##_inputs, .input_count = 1)

        static const hero_input inputs[] = {
            {.name = "x", .help = "An x", .type = HERO_TYPE_INTEGER, .flags = HERO_INPUT_SECRET, .default_text = "10"}};
        static const hero_action actions[] = {
            {.name = "a", FUNCTION, .inputs = inputs, .input_count = HERO_COUNT(inputs)}};
        HERO_BUNDLE(actions);

        TABLE(no_version, 0, SIZES, 1, 0, actions, ZERO)
        TABLE(newer_version, 9, SIZES, 1, 0, actions, ZERO)
        TABLE(small_table, 1, 16, 96, 48, 1, 0, actions, ZERO)
        TABLE(small_action, 1, 64, 88, 48, 1, 0, actions, ZERO)
        TABLE(huge_action, 1, 64, 1 << 20, 48, 1, 0, actions, ZERO)
        TABLE(odd_input, 1, 64, 96, 50, 1, 0, actions, ZERO)
        TABLE(no_actions, 1, SIZES, 0, 0, actions, ZERO)
        TABLE(null_actions, 1, SIZES, 1, 0, NULL, ZERO)
        TABLE(many_actions, 1, SIZES, 4000000000u, 0, actions, ZERO)
        TABLE(reserved_table, 1, SIZES, 1, 0, actions, {0, 0, 0, 1})

        #pragma clang diagnostic ignored "-Wgnu-designator"
        static const char endless[70000] = {[0 ... 69999] = 'x'};
        ACTION(null_name, .name = NULL)
        ACTION(empty_name, .name = "")
        ACTION(bad_name, .name = "a\\xff" "b")
        ACTION(endless_name, .name = endless)
        ACTION(bad_description, .name = "a", FUNCTION, .description = "\\xff")
        ACTION(null_function, .name = "a")
        ACTION(unknown_result, .name = "a", FUNCTION, .result_type = 77)
        ACTION(null_inputs, .name = "a", FUNCTION, .input_count = 2)
        ACTION(many_inputs, .name = "a", FUNCTION, .inputs = inputs, .input_count = 65)
        ACTION(reserved_action, .name = "a", FUNCTION, .reserved = {1})
        ACTION(flags_action, .name = "a", FUNCTION, .flags = 1u << 31)

        INPUT(null_input_name, .type = HERO_TYPE_TEXT)
        INPUT(nothing_input, .name = "x")
        INPUT(unknown_input, .name = "x", .type = 6)
        INPUT(reserved_input, .name = "x", .type = HERO_TYPE_TEXT, .reserved = {0, 1})
        INPUT(flags_input, .name = "x", .type = HERO_TYPE_TEXT, .flags = 4)
        INPUT(contradiction, .name = "x", .type = HERO_TYPE_TEXT, .flags = HERO_INPUT_REQUIRED, .default_text = "y")
        INPUT(absent_number, .name = "x", .type = HERO_TYPE_DOUBLE)
        INPUT(bad_default, .name = "x", .type = HERO_TYPE_INTEGER, .default_text = "ten")
        INPUT(empty_default, .name = "x", .type = HERO_TYPE_INTEGER, .default_text = "")
        INPUT(bad_json_default, .name = "x", .type = HERO_TYPE_JSON, .default_text = "{")

        static const hero_input twice[] = {
            {.name = "x", .type = HERO_TYPE_TEXT}, {.name = "x", .type = HERO_TYPE_JSON}};
        ACTION(same_inputs, .name = "a", FUNCTION, .inputs = twice, .input_count = 2)

        static const hero_action faulty[] = {{.name = "a"}, {.name = "b", FUNCTION}, {.name = "c"}};
        TABLE(several_faults, 1, SIZES, 3, 0, faulty, ZERO)

        // What a later version of the header might declare.
        typedef struct { hero_action known; const char *more; uint64_t rest[3]; } larger_action;
        typedef struct { hero_bundle known; uint64_t more[2]; } larger_bundle;
        static const larger_action larger_actions[] = {
            {{.name = "a", FUNCTION}, NULL, {0}}, {{.name = "b", FUNCTION}, NULL, {0}}};
        EXPORT larger_bundle larger;
        const larger_bundle larger = {
            {1, sizeof(larger_bundle), sizeof(larger_action), sizeof(hero_input), 2, 0, &larger_actions[0].known, ZERO},
            {0}};
        static const larger_action newer_actions[] = {{{.name = "a", FUNCTION}, "set", {0}}};
        TABLE(newer_field, 1, 64, sizeof(larger_action), 48, 1, 0, &newer_actions[0].known, ZERO)
        """
}
