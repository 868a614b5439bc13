import Canvas
import Editor
import Foundation
import Scheduling
import Testing

/// The `:` line of the phone list, for the marked phones or the selected one.
@Suite struct ListCommandTests {
  private static let desk = "+4915112345601"
  private static let spare = "+33655512345"

  private func world() throws -> World {
    try World(settings: EditorSettings(), size: Size(width: 80, height: 24), now: MergeTests.now)
  }

  @Test func whatIsTypedIsDoneToTheMarkedPhonesAndUndone() throws {
    let commands: [(keys: String, says: (Phone) -> Bool)] = [
      (":hold<Space>until<Space>in<Space>2<Space>h,<Space>modem<Enter>", { $0.hold?.reason == "modem" }),
      (":rate<Space>12<Enter>", { $0.messagesPerMinute == 12 }),
      (":per-day<Space>200<Enter>", { $0.messagesPerDay == 200 }),
      (":sim<Space>sim2<Enter>", { $0.sim == .sim2 }),
      (":attach<Space>night<Space>SHIFT<Enter>y", { $0.scheduleID == "night" }),
      (":attach<Space>none<Enter>y", { $0.scheduleID == nil }),
    ]
    for (keys, says) in commands {
      var world = try world()
      let before = try world.phones()
      // The first two of the list.
      world.press("<Space><Space>" + keys)
      #expect(try says(world.phone(Self.spare)) && says(world.phone(Self.desk)), "\(keys)")
      #expect(world.editor.modal == nil, "\(keys)")
      world.press("u")
      #expect(try world.phones() == before, "\(keys)")
    }
  }

  @Test func aHoldIsReleased() throws {
    var world = try world()
    world.press(":hold<Enter>")
    #expect(try world.phone(Self.spare).hold?.until == .untilReleased)
    world.press(":release<Enter>")
    #expect(try world.phone(Self.spare).hold == nil)
  }

  @Test func aPhoneIsAddedAndLabelled() throws {
    var world = try world()
    world.press(":add<Space>+1<Space>555<Space>0100100<Enter>:label<Space>Front<Space>desk<Enter>")
    #expect(try world.phone("+15550100100").label == "Front desk")
    world.press("uu")
    #expect(try world.phones().count == 4)
  }

  @Test func aCommandOfAWeekSaysWhereItWorks() throws {
    var world = try world()
    for (keys, words) in [
      (":w", "works in a phone's week"), (":zone<Space>UTC", "works in a phone's week"),
      (":mon-fri<Space>9-17", "a phone's week"), (":24<Space>dec<Space>closed", "a phone's week"),
      (":rlease", "did you mean “release”?"),
      (":attach<Space>Ofice<Space>hours", "did you mean “Office hours”?"),
    ] {
      world.press(keys + "<Enter>")
      #expect(world.editor.render().text().contains(words), "\(keys): \(world.editor.render().text())")
      world.press("<Esc>")
    }
    world.open(Self.desk)
    world.press(":import<Space>x<Enter>")
    #expect(world.editor.render().text().contains("works in the phone list"))
  }

  @Test func undoPressedTwiceBeforeTheFirstAnswerTakesBackTwoSteps() throws {
    var world = try world()
    let before = try world.phones()
    world.press(":rate<Space>12<Enter>:per-day<Space>200<Enter>")
    let effects = world.editor.handle(.key(.character("u"))) + world.editor.handle(.key(.character("u")))
    world.perform(effects)
    #expect(try world.phones() == before)
    world.press("UU")
    #expect(try world.phone(Self.spare).messagesPerMinute == 12)
    #expect(try world.phone(Self.spare).messagesPerDay == 200)
  }

  // MARK: Importing

  @Test func anImportCanBeStopped() throws {
    let path = NSTemporaryDirectory() + "send-schedule-\(UUID().uuidString).csv"
    let rows = (0..<2_000).map { "\(Self.spare),+1555010\(1_000 + $0),Hello,\n" }.joined()
    try ("FromPhoneNumber,ToPhoneNumber,Content,SendTime(optional)\n" + rows)
      .write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    var world = try world()
    world.performUnwanted(.importFile(path: path, isDryRun: false))
    #expect(try world.store.state(of: Self.spare, now: world.editor.now).waiting == 0)
    #expect(world.editor.notice?.text.contains("stopped") ?? false)
    // How far it is stands on the screen, and Esc stops it.
    _ = world.editor.receive(
      .importing(ImportStep(path: path, isDryRun: false, stage: .reading(30_000_000, of: 120_000_000))))
    #expect(world.editor.render().text().contains("25 % read: 30 of 120 MB"))
    #expect(world.editor.handle(.key(.escape)).contains(.endImport))
    #expect(world.editor.render().text().contains("Stopping"))
    _ = world.editor.receive(.importStopped)
    #expect(world.editor.modal == nil)
  }

  @Test func anImportThatHasTakenPlaceIsHiddenNotStopped() throws {
    var world = try world()
    let step = { ImportStep(path: "x.csv", isDryRun: false, stage: .queued($0, of: 300_000)) }
    _ = world.editor.receive(.importing(step(10_000)))
    #expect(world.editor.render().text().contains("10,000 of 300,000 messages queued"))
    #expect(!world.editor.handle(.key(.escape)).contains(.endImport))
    _ = world.editor.receive(.importing(step(20_000)))
    #expect(world.editor.modal == nil)
    _ = world.editor.receive(.imported("messages 300,000 added"))
    #expect(world.editor.notice?.text.contains("300,000 added") ?? false)
  }
}
