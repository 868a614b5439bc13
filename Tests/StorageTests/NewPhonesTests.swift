import Formats
import Scheduling
import Testing

@testable import Storage

/// Many new phones are looked up before others have to wait: what comes of them is what comes of few.
@Suite(.eachEngine) struct NewPhonesTests {
  private typealias Fixtures = ImportFixtures

  private func records(_ range: Range<Int>) -> [String] {
    range.map { #"{"id":"p\#($0)","phone_number":"+1800555\#(1000 + $0)","messages_per_minute":\#($0)}"# }
  }

  private func bundle(_ records: [String]) -> String {
    "{\"phones\":[\(records.joined(separator: ","))],\"messages\":[\(Fixtures.message())]}"
      .replacing("+18005550199", with: "+18005551007")
  }

  private func revisions(_ store: Store) throws -> [String] {
    try store.read {
      try $0.all("SELECT phone_id, number, action FROM phone_revision ORDER BY phone_id, number") {
        "\($0.text(0)) \($0.integer(1)) \($0.text(2))"
      }
    }
  }

  @Test func manyComeAsFewDo() throws {
    let (many, few) = (try Store.inMemory(), try Store.inMemory())
    for store in [many, few] {
      // One of them was here and left its history, another one is there.
      for id in 3...4 { try store.addPhone(Phone(id: "p\(id)", number: "+1800555100\(id)"), stamp: someone) }
      try store.removePhone("p3", stamp: someone)
    }
    let summary = try Fixtures.load(bundle(records(0..<150)), into: many)
    #expect(summary.phones == ImportCounts(added: 149, updated: 1) && summary.messages.added == 1)
    for start in [0, 50, 100] { try Fixtures.load(bundle(records(start..<start + 50)), into: few) }
    #expect(try Fixtures.export(many) == Fixtures.export(few))
    #expect(try revisions(many) == revisions(few))
    #expect(try revisions(many).filter { $0.hasPrefix("p3 ") } == ["p3 1 add", "p3 2 remove", "p3 3 import"])
    #expect(try Fixtures.load(bundle(records(0..<150)), into: many).phones == ImportCounts(unchanged: 150))
    #expect(try many.check().isEmpty)
  }

  @Test(arguments: [
    // Numbers of phones that are there, and ids that are numbers.
    #"{"id":"new","phone_number":"+18005550101"},{"id":"a","phone_number":"+18005550102"}"#,
    #"{"id":"+18005550101","phone_number":"+18005550102"}"#,
    #"{"id":"b","phone_number":"+18005550103"}"#,
    // The same between those that are new.
    #"{"id":"+18005551005","phone_number":"+18005550102"}"#,
    #"{"id":"new","phone_number":"+18005551005"}"#,
    #"{"id":"p7","phone_number":"+18005550104"}"#,
  ])
  func manyAreRefusedAsFewAre(wrong: String) throws {
    func problem(_ count: Int) throws -> ImportProblem? {
      let store = try Store.inMemory()
      try store.addPhone(Phone(id: "a", number: "+18005550101"))
      try store.addPhone(Phone(id: "+18005550103", number: "+18005550109"))
      let problem = try Fixtures.problem(bundle(records(0..<count) + [wrong]), into: store)
      #expect(try problem == nil || store.phones().count == 2)
      return problem
    }
    let (many, few) = (try problem(150), try problem(40))
    #expect(many?.expected == few?.expected && many?.found == few?.found)
  }

  @Test func whatWasChangedSinceIsLookedUpAgain() throws {
    let store = try Store.inMemory()
    let input = try ImportFiles([Fixtures.input(bundle(records(0..<150)), name: "file")])
    let options = ImportOptions(stamp: someone)
    let shelf = ImportShelf(store, options)
    defer { shelf.discard() }
    let new = try NewPhones(ImportStage(input, options, store, shelf).phones, store)
    #expect(try store.read { try new.current($0) }.count == 150)
    try store.addPhone(Phone(id: "p5", number: "+18005550101"))
    #expect(try store.read { try new.current($0) }.isEmpty)
  }
}
