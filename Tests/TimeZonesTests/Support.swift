import Foundation
import Testing

/// The program's standard output; throws if it fails.
@discardableResult func run(_ program: String, _ arguments: [String]) throws -> String {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: program)
  process.arguments = arguments
  let output = Pipe()
  process.standardOutput = output
  try process.run()
  let data = output.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  try #require(process.terminationStatus == 0, "\(program) \(arguments) failed")
  return String(decoding: data, as: UTF8.self)
}

/// The first of these that can be run here.
func program(_ paths: String...) -> String? { paths.first { access($0, X_OK) == 0 } }

func bytes(of path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

/// Where the system keeps its zones.
let systemDirectory = "/usr/share/zoneinfo"

/// Zones in the language of zic in which something is unusual.
enum UnusualZones {
  static let names = [
    "Test/Changing", "Test/Half", "Test/Negative", "Test/Ended", "Test/Always", "Test/Late", "Test/Plain",
    "Test/South", "Test/Alias",
  ]

  /// `year` is one of those to come: in its December the rules of a zone change.
  static func source(_ year: Int) -> String {
    """
    Rule A 2000 max - Mar lastSun 2:00 1:00 S
    Rule A 2000 max - Oct lastSun 3:00 0 -
    Rule E 2000 max - Apr Sun>=8 1:30 1:30 S
    Rule E 2000 max - Sep 30 24:00 0 -
    Zone Test/Changing 3:00 A XA%sT \(year) Dec 15 3:00
     2:30 E XE%sT
    Rule B 1990 max - Oct Sun>=1 2:00 0:30 S
    Rule B 1990 max - Apr Sun>=1 2:00 0 -
    Zone Test/Half 10:30 B XB%sT
    Rule C 1980 max - Oct lastSun 1:00u -1:00 GMT
    Rule C 1980 max - Mar lastSun 1:00u 0 IST
    Zone Test/Negative 1:00 C %s
    Rule D 1995 2031 - Mar 1 0:00 1:00 D
    Rule D 1995 2031 - Sep 1 0:00 0 S
    Zone Test/Ended -4:15 D D%sT
    Zone Test/Always 2:00 - XST 1990
     2:00 1:00 XDT
    Rule L 2001 max - Mar Sat>=8 24:00 1:00 S
    Rule L 2001 max - Oct lastSat 26:00 0 -
    Zone Test/Late -3:00 L XL%sT
    Zone Test/Plain 5:45:15 - +0545
    Rule S 1999 max - Oct Sun>=15 0:00 1:00 S
    Rule S 1999 max - Feb Sun>=15 0:00 0 -
    Zone Test/South -3:00 S XS%sT
    Link Test/Half Test/Alias

    """
  }
}
