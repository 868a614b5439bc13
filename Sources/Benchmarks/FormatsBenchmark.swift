import Formats
import Foundation
import Scheduling
import Storage
import TimeZones

/// Imports of a million messages, as CSV and as a bundle, and their export, beside the `sqlite3` shell that
/// imports the same rows into a bare table without any index.
enum FormatsBenchmark {
  private static let now: Instant = 1_772_438_400_000

  static func run(_ arguments: [String]) throws {
    let count = arguments.first.flatMap(Int.init) ?? 1_000_000
    let directory = NSTemporaryDirectory() + "send-schedule-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let csv = directory + "/rows.csv"
    try writeRows(count, to: csv)
    print("\(count) messages of 80 bytes of CSV each")
    let shell = try seconds { try importInShell(csv, into: directory + "/shell.sqlite") }
    report("sqlite3 shell, .import", shell, shell, count)

    let path = directory + "/gateway.sqlite"
    let store = try Store.open(path, for: .create, zones: TimeZoneDatabase.system)
    try store.addPhone(Phone(id: "phone", number: "+18005550199", messagesPerMinute: 60))
    report("import of CSV", try seconds { try load(csv, into: path) }, shell, count)
    report("the same again", try seconds { try load(csv, into: path) }, shell, count)
    let bundle = directory + "/bundle.json"
    report("export of a bundle", try seconds { try export(path, to: bundle) }, shell, count)
    let copy = directory + "/copy.sqlite"
    report("import of the bundle", try seconds { try load(bundle, into: copy) }, shell, count)
    report("the same again", try seconds { try load(bundle, into: copy) }, shell, count)
    print("peak memory of all that: \(peakMemory() / 1024) MiB")
  }

  private static func report(_ name: String, _ seconds: Double, _ shell: Double, _ count: Int) {
    let ratio = String(format: "%.2f", seconds / shell)
    print(
      "\(name): \(String(format: "%.2f", seconds)) s, \(Int(Double(count) / seconds)) a second, \(ratio) times the shell's"
    )
  }

  private static func seconds(_ body: () throws -> Void) throws -> Double {
    let time = try ContinuousClock().measure(body)
    return Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
  }

  private static func load(_ file: String, into path: String) throws {
    let files = try ImportFiles([try ImportInput(path: file)])
    _ = try Store.importFiles(
      files, intoFile: path, ImportOptions(stamp: Stamp(author: "benchmark", at: now)),
      zones: TimeZoneDatabase.system)
  }

  private static func export(_ path: String, to target: String) throws {
    let file = open(target, O_CREAT | O_WRONLY | O_TRUNC, 0o600)
    defer { close(file) }
    var output = ExportOutput(descriptor: file)
    _ = try Store.open(path, for: .read, zones: TimeZoneDatabase.system).export(to: &output)
  }

  private static func writeRows(_ count: Int, to path: String) throws {
    try Data().write(to: URL(fileURLWithPath: path))
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    defer { try? file.close() }
    var text = "FromPhoneNumber,ToPhoneNumber,Content,SendTime(optional)\n"
    for index in 0..<count {
      let contact = 2_000_000_000 + (index &* 7_919) % 7_000_000_000
      text +=
        "+18005550199,+1\(contact),\"Dear customer \(index), your order no. \(index &* 31) is ready\",\n"
      if text.utf8.count > 1 << 20 {
        try file.write(contentsOf: Data(text.utf8))
        text = ""
      }
    }
    try file.write(contentsOf: Data(text.utf8))
  }

  private static func importInShell(_ csv: String, into path: String) throws {
    let process = try Process.run(
      URL(fileURLWithPath: "/usr/bin/env"), arguments: ["sqlite3", path, ".mode csv", ".import \(csv) rows"])
    process.waitUntilExit()
  }

  /// In KiB, as the kernel counts.
  private static func peakMemory() -> Int {
    var usage = rusage()
    getrusage(0, &usage)  // RUSAGE_SELF, an enumeration that is not imported as the type wanted here.
    return usage.ru_maxrss
  }
}
