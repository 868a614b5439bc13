import Canvas
import Editor
import Foundation
import Scheduling
import Storage
import Testing

/// The dates of an iCalendar file become exceptions of the draft.
@Suite struct HolidayTests {
  private func world(readOnly: Bool = false) throws -> World {
    var settings = EditorSettings()
    settings.isReadOnly = readOnly
    var world = try World(settings: settings, size: Size(width: 80, height: 24), now: MergeTests.now)
    world.open("+4915112345601")
    return world
  }

  /// Types a command about a file of these lines.
  private func read(_ lines: [String], _ world: inout World) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "holidays-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "days.ics")
    try lines.joined(separator: "\r\n").write(to: file, atomically: false, encoding: .utf8)
    world.press(":holidays<Space>\(file.path)<Enter>")
  }

  private func event(_ date: String, _ summary: String) -> [String] {
    ["BEGIN:VEVENT", "UID:\(date)", "DTSTART;VALUE=DATE:\(date)", "SUMMARY:\(summary)", "END:VEVENT"]
  }

  private func calendar(_ events: [String]) -> [String] {
    ["BEGIN:VCALENDAR", "VERSION:2.0"] + events + ["END:VCALENDAR", ""]
  }

  @Test func datesAreClosedInTheDraftAndTakenBack() throws {
    var world = try world()
    world.press(":24<Space>dec<Space>9-12<Enter>")
    let days =
      event("20261224", "Christmas Eve") + event("20261225", "Christmas") + event("20250101", "New Year")
    try read(calendar(days), &world)
    let draft = try #require(world.editor.week?.draft)
    #expect(draft.sortedExceptions.map(\.date.text) == ["2025-01-01", "2026-12-24", "2026-12-25"])
    #expect(draft.sortedExceptions.map(\.note) == ["New Year", "", "Christmas"])
    #expect(
      world.editor.notice?.text
        == "2 dates of days.ics closed; 1 had hours of their own already; 1 of them is over; s saves, u undoes"
    )
    #expect(try world.schedule("Office hours")?.content.exceptions == [], "Nothing is saved yet")
    world.press("u")
    #expect(world.editor.week?.draft.exceptions.count == 1)
    try read(calendar(event("20261224", "Christmas Eve")), &world)
    #expect(world.editor.notice?.text.hasPrefix("Nothing changed") ?? false)
  }

  @Test func whatIsWrongIsNamedWithItsLine() throws {
    var world = try world()
    try read(["BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:1", "END:VEVENT", "END:VCALENDAR", ""], &world)
    #expect(world.editor.notice?.kind == .error)
    #expect(
      world.editor.notice?.text.hasSuffix("days.ics:2: VEVENT: expected a DTSTART, found none") ?? false)
    #expect(world.editor.week?.isChanged == false)
    world.press(":holidays<Space>/nowhere/days.ics<Enter>")
    #expect(world.editor.notice?.kind == .error)
    try read(calendar(["BEGIN:VEVENT", "UID:2", "DTSTART:20261224T090000Z", "END:VEVENT"]), &world)
    #expect(
      world.editor.notice?.text.hasSuffix("expected all-day events, found 1 event with a time of day")
        ?? false)
  }

  @Test func nothingIsReadWhereNothingMayBeChanged() throws {
    var world = try world(readOnly: true)
    try read(calendar(event("20261225", "Christmas")), &world)
    #expect(world.editor.notice?.kind == .warning && world.editor.week?.isChanged == false)
  }

  @Test func datesThatAreOverAreTakenAndSaidToBeOver() throws {
    var world = try world()
    world.press(":24-26<Space>dec<Space>2024<Space>closed<Enter>")
    #expect(world.editor.week?.draft.exceptions.count == 3)
    #expect(world.editor.notice?.kind == .warning)
    #expect(
      world.editor.notice?.text
        == "24-26 Dec 2024 closed; that is over: no message goes out at another time")
    world.press(":every<Space>25<Space>dec<Space>closed<Enter>")
    #expect(world.editor.notice?.kind == .good)
  }
}
