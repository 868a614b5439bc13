import Canvas
import Editor
import Foundation
import Scheduling
import TestSupport
import Testing

/// Each folder of `Scripts` is a test: `start` says where, `keys` what is pressed, `screen` what must be seen.
///
/// With `RECORD=1` in the environment the screens are written anew, to be looked at before they are committed.
@Suite struct ScriptTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Scripts")
  static let names: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter { !$0.hasPrefix(".") }
    .sorted()

  @Test(arguments: names)
  func script(_ name: String) throws {
    let folder = Self.folder.appending(path: name)
    let start = try Start(String(contentsOf: folder.appending(path: "start"), encoding: .utf8))
    var world = try World(
      settings: start.settings, size: start.size, now: start.now, sample: start.sample)
    if let phone = start.phone { world.open(phone) }
    let keys = try String(contentsOf: folder.appending(path: "keys"), encoding: .utf8)
    for line in keys.split(separator: "\n") where !line.hasPrefix("#") { world.press(String(line)) }
    let canvas = world.editor.render()
    let cursor = canvas.cursor.map { "cursor \($0.row) \($0.column)" } ?? "no cursor"
    let screen = (start.isStyled ? canvas.styledText() : canvas.text()) + "\n== \(cursor)\n"
    let file = folder.appending(path: "screen")
    if ProcessInfo.processInfo.environment["RECORD"] == "1" {
      try screen.write(to: file, atomically: true, encoding: .utf8)
    }
    let expected = try String(contentsOf: file, encoding: .utf8)
    #expect(screen == expected, "\(name) shows:\n\(screen)")
  }

  @Test func thereAreScripts() { #expect(Self.names.count >= 20) }
}

/// The file `start`: lines of a word and a value.
private struct Start {
  var size = Size(width: 80, height: 24)
  var now: Instant = 0
  var phone: String?
  var isStyled = false
  var settings = EditorSettings()
  var sample = Sample()

  init(_ text: String) throws {
    let lines = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    let lost = Set(lines.filter { $0[0] == "lost" }.map { $0[1] })
    if !lost.isEmpty { settings = EditorSettings(zones: LosableZones(without: lost)) }
    for parts in lines {
      switch parts[0] {
      case "size":
        let numbers = parts[1].split(separator: "x").compactMap { Int($0) }
        size = Size(width: numbers[0], height: numbers[1])
      case "now": now = try #require(Timestamp.parse(parts[1]))
      case "phone": phone = parts[1]
      case "empty": sample = .empty
      case "fleet": sample = .fleet(of: Int(parts[1]) ?? 0)
      case "failed": sample.failures = Int(parts[1]) ?? 0
      case "long": sample = .longNames
      case "lost": break
      case "ignored": sample.schedules[0].content.isActive = false
      case "daily": sample.phones[0].messagesPerDay = Int(parts[1]) ?? 0
      case "zone": settings.localTimeZone = parts[1]
      case "database":
        settings.databaseName = parts[1]
        settings.databaseOption = "--database \(parts[1])"
      case "styled": isStyled = true
      case "ascii": settings.glyphs = .ascii
      case "readonly": settings.isReadOnly = true
      case "readonly-account": (settings.isReadOnly, settings.mayWrite) = (true, false)
      case "sunday": settings.firstDayOfWeek = 0
      default: Issue.record("unknown word \(parts[0]) in start")
      }
    }
    sample.lostZones = lost
  }
}
