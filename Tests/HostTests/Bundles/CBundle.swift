// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroTestSupport
import Testing

/// Bundles in C, which run code when they are loaded.
enum CBundle {
    /// An action that answers with a number.
    static func action(_ name: String, _ result: String = "1") -> String {
        """
        #include <hero_bundle.h>
        static int64_t \(name)(void) { return \(result); }
        static const hero_action actions[] = {{
            .name = "\(name)", .result_type = HERO_TYPE_INTEGER, .flags = HERO_ACTION_CANNOT_FAIL,
            .function = (hero_function)\(name)}};
        HERO_BUNDLE(actions);

        """
    }

    /// Leaves a file as soon as it is loaded.
    static func constructor(_ path: String) -> String {
        """
        #include <stdio.h>
        __attribute__((constructor)) static void run(void) {
            FILE *file = fopen("\(path)", "w");
            if (file) fclose(file);
        }

        """
    }

    /// Compiles without a note.
    static func compile(
        _ source: String, to output: String, in project: TestProject, _ flags: String...
    ) async throws {
        try project.write(source, to: output + ".c")
        let compiled = try await Program.run(
            "clang",
            ["-fuse-ld=lld", "-shared", "-fPIC", "-I", "\(Stage.root)/lib/hero/sdk", output + ".c", "-o", output]
                + flags,
            directory: project.root)
        #expect(compiled.code == 0, "\(compiled.error)")
    }

    static func stamp(_ path: String, in project: TestProject) async throws {
        #expect(try await project.hero("bundle", "stamp", "--kind", "c", path).code == 0)
    }
}
