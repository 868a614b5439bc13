import Foundation
import Testing

@Suite struct ImportsTests {
  /// The whole Foundation brings 40 MB of locale data with it, and a scan of its thousands of conformances at the start.
  @Test func theProgramDoesWithoutFoundation() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let sources = root.appending(path: "Sources").path
    let files = try FileManager.default.subpathsOfDirectory(atPath: sources).filter {
      $0.hasSuffix(".swift") && !$0.hasPrefix("Benchmarks/")
    }
    #expect(files.count > 100)
    for file in files {
      let text = try String(contentsOfFile: sources + "/" + file, encoding: .utf8)
      #expect(!text.split(separator: "\n").contains("import Foundation"), "\(file)")
    }
  }
}
