import Canvas
import Editor
import Foundation
import Scheduling
import Storage
import TestSupport
import Testing

/// What the phone list does to the gateway, and how it follows what others do.
@Suite struct PhoneListTests {
  static let desk = "+4915112345601"
  static let office = "+4915112345602"
  static let spare = "+33655512345"

  private func world(_ sample: Sample = Sample()) throws -> World {
    try World(
      settings: EditorSettings(), size: Size(width: 80, height: 24), now: MergeTests.now, sample: sample)
  }

  private func anna(_ world: World) -> Stamp { Stamp(author: "anna", at: world.editor.now) }

  @Test func whatSomebodyElseChangedSinceIsNotUndone() throws {
    var world = try world()
    world.press("<Space><Space>e<Tab>30<Enter>")
    #expect(try world.phone(Self.spare).messagesPerMinute == 30)
    #expect(try world.phone(Self.desk).messagesPerMinute == 30)
    try world.store.changePhone(Self.desk, stamp: anna(world)) { $0.messagesPerMinute = 4 }
    world.press("u")
    #expect(try world.phone(Self.spare).messagesPerMinute == 0)
    #expect(try world.phone(Self.desk).messagesPerMinute == 4)
    #expect(world.editor.notice?.text.contains("somebody else") ?? false)
    world.press("U")
    #expect(try world.phone(Self.spare).messagesPerMinute == 30)
  }

  @Test func everythingThatIsDoneToPhonesIsUndoneAndDoneAgain() throws {
    for keys in ["!<Enter>", "S/night<Enter>y", "xy", "eDesk<Tab>SIM2<Tab>7<Enter>", "n+15550100100<Enter>"] {
      var world = try world()
      let before = try world.phones()
      // Without the phone whose messages would be gone.
      world.press("<Space>" + keys)
      let after = try world.phones()
      #expect(after != before, "\(keys)")
      world.press("u")
      #expect(try world.phones() == before, "\(keys)")
      #expect(world.editor.notice?.text.hasPrefix("Undone: ") ?? false, "\(keys)")
      world.press("U")
      #expect(try world.phones() == after, "\(keys)")
    }
  }

  @Test func nothingIsChangedWhereItMayOnlyBeRead() throws {
    var settings = EditorSettings()
    settings.isReadOnly = true
    var world = try World(settings: settings, size: Size(width: 80, height: 24), now: MergeTests.now)
    let before = try world.phones()
    world.press("n<Esc>e<Esc>xy!<Enter>u i<Esc>S<Esc>")
    #expect(try world.phones() == before)
    #expect(world.editor.modal == nil)
  }

  @Test func theListFollowsQueuesWithoutReadingAllPhones() throws {
    var world = try world()
    world.refresh()
    try world.store.addMessages(
      [NewMessage(contact: "12345", content: "Hello")], to: Self.spare, at: .fixed(world.editor.now))
    world.refresh()
    #expect(world.editor.phones.list.row(Self.spare)?.waiting == 1)
    #expect(world.editor.phones.list.waiting == 353)
    try world.store.changePhone(Self.spare, stamp: anna(world)) { $0.label = "Hers" }
    world.refresh()
    #expect(world.editor.phones.list.row(Self.spare)?.phone.label == "Hers")
  }

  @Test func anImportIsLookedAtFirst() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("messages.csv")
    let rows = "FromPhoneNumber,ToPhoneNumber,Content,SendTime(optional)\n\(Self.spare),+15550100101,Hello,\n"
    try directory.write(rows, to: "messages.csv")
    var world = try world()
    world.press("i\(path)<Enter>")
    #expect(try world.store.state(of: Self.spare, now: world.editor.now).waiting == 0)
    #expect(world.editor.render().text().contains("Import "))
    world.press("y")
    #expect(try world.store.state(of: Self.spare, now: world.editor.now).waiting == 1)
    world.press("i\(path)-nowhere<Enter>")
    #expect(world.editor.notice?.kind == .error)
  }

  @Test func aSearchSaysThatThereIsMore() throws {
    var world = try world()
    let many = (0..<10_050).map { NewMessage(contact: "12345", content: "Straße \($0)") }
    try world.store.addMessages(many, to: Self.spare, at: .fixed(world.editor.now))
    world.press("mSTRASSE<Enter>")
    let search = try #require(world.editor.context.search)
    #expect(search.rows.count == 10_000)
    #expect(search.state == .full)
    #expect(world.editor.render().text().contains("there are more"))
  }

  @Test func aMessageOfAnUnknownPhoneIsFoundByItsWordsAndCanceled() throws {
    var world = try world()
    world.press("morder<Space>3002<Enter><Enter><Enter>x")
    #expect(try world.store.state(of: "+61255501001", now: world.editor.now).waiting == 11)
    // Done with, it is still found, and shown whole.
    world.press("qmorder<Space>3002<Enter><Enter>")
    let screen = world.editor.render().text()
    #expect(screen.contains("canceled"))
    #expect(screen.contains("Order 3002 has left."))
  }

  @Test func manyPhonesAreSortedOnceAllOfThemAreLookedAt() throws {
    var world = try world(.fleet(of: 500))
    let before = world.editor.phones.list.visibleRows(17).map(\.phone.number)
    // The answers come one after the other: until the last of them the list stands as it did, and says so.
    var effects = world.editor.handle(.key(.character("o")))
    for _ in 0..<7 { effects += world.editor.handle(.key(.down)) }
    effects += world.editor.handle(.key(.enter))
    #expect(world.editor.phones.list.order.column == .next)
    #expect(world.editor.phones.list.visibleRows(17).map(\.phone.number) == before)
    #expect(world.editor.render().text().contains("to sort"))
    world.perform(effects)
    #expect(!world.editor.render().text().contains("to sort"))
    world.press("g")
    let sorted = world.editor.phones.list.visibleRows(17).map(\.phone.number)
    #expect(Set(sorted.prefix(3)) == [Self.desk, Self.office, "+61255501001"])
  }

  @Test func marksOutliveTheFilter() throws {
    var world = try world(.fleet(of: 40))
    world.press("/branch<Enter>A<Esc>/front<Enter>")
    #expect(world.editor.phones.list.marked.count == 40)
    #expect(world.editor.render().text().contains("40 marked (40 not shown)"))
  }
}
