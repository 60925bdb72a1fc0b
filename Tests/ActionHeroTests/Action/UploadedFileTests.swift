// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import ActionHero
import HeroTestSupport
import Testing

@Suite("an uploaded file")
struct UploadedFileTests {
    struct Taker: InputObject {
        @Input("One") var file: UploadedFile?
        @Input("Several") var files: [UploadedFile] = []
    }

    private func take(_ parameters: JSON.Object) throws -> Taker {
        try InputTable.of(Taker.self).instantiate(Taker.self, from: parameters, missingValues: [])
    }

    @Test("is what its parameter stands for as long as it exists, and nothing afterwards")
    func standsForItself() async throws {
        let project = try TestProject(["x.txt": "content"])
        var file: UploadedFile? = try UploadedFile(
            path: project.path("x.txt"), originalName: "cat.txt", contentType: "text/plain")
        let parameter = try JSON(#require(file))
        #expect(parameter["size"] == 7 && parameter["originalFilename"] == "cat.txt")
        #expect(parameter["filepath"] == .string(project.path("x.txt")))
        let taken = try take(["file": parameter])
        #expect(taken.file?.originalName == "cat.txt" && taken.file?.contentType == "text/plain")
        #expect(try await taken.file?.contents() == Array("content".utf8))
        #expect(try take(["files": parameter]).files.count == 1)
        #expect(try take(["files": [parameter, parameter]]).files.count == 2)
        #expect(throws: InputProblems.self) { try take(["file": [parameter]]) }
        withExtendedLifetime((file, taken)) {}
        file = nil
    }

    @Test("is nothing once it is gone, nor anything that was made up")
    func cannotBeMadeUp() throws {
        let project = try TestProject(["x.txt": "content"])
        let parameter = try JSON(UploadedFile(path: project.path("x.txt")))
        for made in [parameter, ["filepath": .string(project.path("x.txt"))], .string(project.path("x.txt")), 1, [1]] {
            #expect(throws: InputProblems.self) { try take(["file": made]) }
            #expect(throws: InputProblems.self) { try take(["files": [made]]) }
        }
        #expect(throws: (any Error).self) { try UploadedFile(path: project.path("nothing")) }
    }

    @Test("is described as what it is")
    func isDescribed() throws {
        let types = try InputTable.of(Taker.self).descriptions.map(\.type)
        #expect(types == ["uploaded file", "list of uploaded file"])
    }
}
