import Foundation
import TestSupport
import Testing

@testable import Storage

@Suite struct PathNameTests {
  @Test(arguments: [
    ("a", "", "a"), ("a/b", "a", "b"), ("/a", "/", "a"), ("/a/b", "/a", "b"), ("a/b/", "a", "b"),
    ("a//b", "a", "b"), ("../x", "..", "x"), ("/a/b//", "/a", "b"), ("", "", ""), (".", "", "."),
  ])
  func takesPathsApart(path: String, parent: String, last: String) {
    #expect(PathName.parent(of: path) == parent)
    #expect(PathName.last(of: path) == last)
  }

  @Test func listsWhatStandsInADirectory() throws {
    let directory = try TemporaryDirectory()
    for name in ["b", ".hidden", "ä"] { try Data().write(to: URL(fileURLWithPath: directory.file(name))) }
    #expect(PathName.names(in: directory.path).sorted() == [".hidden", "b", "ä"])
    #expect(PathName.names(in: directory.file("nothing")).isEmpty)
  }
}
