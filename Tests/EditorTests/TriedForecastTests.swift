import Canvas
import Editor
import Effects
import Foundation
import Scheduling
import Storage
import TestSupport
import Testing

/// What the editor forecasts of settings that are not saved is what the database forecasts once they are.
@Suite struct TriedForecastTests {
  private static let desk = "+4915112345601"

  /// 2026-11-26T00:20:00+01:00: half of what the desk sent in the hour before was sent on the day before, in Berlin.
  private static let now: Instant = 1_795_648_800_000

  @Test(arguments: ["Europe/Berlin", "UTC", "Pacific/Kiritimati", "Asia/Kathmandu", "America/New_York"])
  func todaysSendsCountOnAnotherClock(zone: String) throws {
    var world = try World(settings: EditorSettings(), size: Size(width: 80, height: 24), now: Self.now)
    let store = world.store
    try store.changePhone(Self.desk) { $0.messagesPerMinute = 0 }
    try store.changeSchedule("office", stamp: Stamp(author: "anna", at: Self.now)) {
      $0.windows = (0...6).map { Window(day: $0, startMinute: 0, endMinute: 1440) }
    }
    world.open(Self.desk)
    let state = try store.state(of: Self.desk, now: Self.now)
    let queue = try store.loadQueue(of: Self.desk, now: Self.now).queue
    for limit in [1, 20, 39, 41, 100] {
      world.press(":zone<Space>\(zone)<Enter>:per-day<Space>\(limit)<Enter>")
      let changed = try store.state(state, now: Self.now) {
        $0.phone.messagesPerDay = limit
        $0.schedule?.content.timeZone = zone
      }
      let expected = Forecast(queue: queue, rules: try store.rules(for: changed, now: Self.now))
      let shown = try #require(world.editor.week?.forecast.draft)
      #expect(shown.rules.messagesPerDay == limit)
      #expect(
        shown.entries(0..<queue.count).map(\.sendAt) == expected.entries(0..<queue.count).map(\.sendAt),
        "\(zone), \(limit) a day")
    }
  }

  /// A search lets others come in between also where the clock of the screen stands still.
  @Test func aSearchIsDoneInPieces() throws {
    let store = try Sample().store(now: MergeTests.now)
    let performer = EffectPerformer(
      store: store,
      drafts: DraftShelf(store: store, author: "tester", editor: "", isRunning: { _, _ in false }),
      stamp: { Stamp(author: "tester", at: $0) }, reopen: { throw StoreError.interrupted })
    var search = try performer.beginSearch("e")
    var pieces = 0
    while !search.isOver {
      try performer.goOn(&search, milliseconds: 0, Call(clock: { MergeTests.now }, post: { _ in }))
      pieces += 1
    }
    #expect(try pieces == store.phones().count)
  }
}
