import Foundation
import Testing

/// The README shows files that other tests run.
@Suite struct ReadmeTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private func text(_ path: String) throws -> String {
    try String(contentsOf: Self.root.appendingPathComponent(path), encoding: .utf8)
  }

  @Test(arguments: ["Tests/Program/serve/client.py", "Tests/Program/faults/roles.sql"])
  func showsTheFileAsItIs(_ path: String) throws {
    let file = try text(path).trimmingCharacters(in: .newlines)
    #expect(try text("README.md").contains("\n\(file)\n```\n"))
  }
}
