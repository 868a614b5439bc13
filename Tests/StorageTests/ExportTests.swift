import Formats
import Foundation
import Scheduling
import TestSupport
import Testing

@testable import Storage

@Suite(.eachEngine) struct ExportTests {
  private typealias Fixtures = ImportFixtures

  @Test func writesAnObjectALine() throws {
    let store = try Store.inMemory()
    #expect(
      try Fixtures.export(store) == "{\"phones\":[],\"message_send_schedules\":[],\"messages\":[]}\n")
    try Fixtures.load(Fixtures.bundle(messages: Fixtures.message()), into: store)
    #expect(
      try Fixtures.export(store) == """
        {"phones":[
        {"id":"p1","phone_number":"+18005550199","label":"","messages_per_minute":2,"messages_per_day":0,"sim":"SIM1","message_send_schedule_id":"s1","max_send_attempts":3,"retry_delay_seconds":60,"pause_after_failures":5,"held_until":null,"hold_reason":null}
        ],"message_send_schedules":[
        {"id":"s1","name":"Day","timezone":"Europe/Tallinn","is_active":true,"windows":[{"day_of_week":1,"start_minute":540,"end_minute":720}]}
        ],"messages":[
        {"id":"m1","owner":"+18005550199","contact":"+18005550100","content":"hi","status":"pending","request_received_at":"2026-03-29T06:00:00.000Z","scheduled_send_time":null,"exact":false,"expires_at":null,"retry_at":null,"last_attempted_at":null,"sent_at":null,"send_attempt_count":0,"max_send_attempts":null,"lease_expires_at":null,"failure_reason":null}
        ]}

        """)
  }

  @Test func ordersPhonesByNumberAndSchedulesByName() throws {
    let store = try Store.inMemory()
    let window = #""windows":[{"day_of_week":1,"start_minute":0,"end_minute":1}]"#
    try Fixtures.load(
      """
      {"phones":[{"id":"a","phone_number":"+2000000"},{"id":"b","phone_number":"+10000000"}],"message_send_schedules":[
      {"id":"3","name":"b","timezone":"UTC",\(window)},{"id":"2","name":"é","timezone":"UTC",\(window)},
      {"id":"1","name":"b","timezone":"UTC",\(window)}]}
      """, into: store)
    let ids = try Fixtures.export(store).split(separator: "\n").compactMap { line -> String? in
      line.hasPrefix("{\"id\"") ? String(line.split(separator: "\"")[3]) : nil
    }
    #expect(ids == ["b", "a", "1", "3", "2"])
  }

  @Test(arguments: 0..<40) func exportImportExportGivesTheSameBytes(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let first = try Store.inMemory()
    try Fixtures.load(RandomGateway.bundle(using: &random), into: first)
    let text = try Fixtures.export(first)
    let second = try Store.inMemory()
    try Fixtures.load(text, into: second)
    #expect(try Fixtures.export(second) == text)
    // And once more into the same: nothing changes.
    let again = try Fixtures.load(text, into: second)
    #expect(again.messages.added + again.messages.updated == 0)
    #expect(again.phones.added + again.phones.updated + again.schedules.added + again.schedules.updated == 0)
    #expect(try Fixtures.export(second) == text)
    #expect(try second.check().isEmpty)
  }

  @Test(arguments: 0..<40) func anErrorInTheLastRecordUndoesAll(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let store = try Store.inMemory()
    try Fixtures.load(RandomGateway.bundle(using: &random), into: store)
    let before = try Fixtures.export(store)
    let bundle = RandomGateway.bundle(using: &random, broken: true)
    #expect(try Fixtures.problem(bundle, into: store)?.exitCode == 65)
    #expect(try Fixtures.export(store) == before)
    #expect(try store.check().isEmpty)
  }

  @Test func aClosedPipeAndAFullDiskAreErrors() throws {
    let store = try Store.inMemory()
    try Fixtures.load(Fixtures.bundle(messages: Fixtures.message()), into: store)
    signal(SIGPIPE, SIG_IGN)
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    close(ends[0])
    defer { close(ends[1]) }
    var closed = ExportOutput(descriptor: ends[1])
    #expect(throws: ExportProblem.closed) { try store.export(to: &closed) }
    let full = open("/dev/full", O_WRONLY)
    defer { close(full) }
    var output = ExportOutput(descriptor: full)
    let problem = #expect(throws: ExportProblem.self) { try store.export(to: &output) }
    #expect(problem?.exitCode == 74)
  }

  // MARK: - Damage

  @Test(arguments: 0..<12) func rescuesWhatCanBeReadOfADamagedFile(seed: UInt64) throws {
    try TemporaryDirectory.during { directory in
      let path = directory + "/damaged.sqlite"
      var random = SeededRandom(seed: seed)
      let messages = (0..<2000).map {
        Fixtures.message("m\($0)", "\"content\":\"\(String(repeating: "x", count: 60))\"")
      }
      let store = try Store.open(path, for: .create)
      try Fixtures.load(Fixtures.bundle(messages: messages.joined(separator: ",")), into: store)
      let pages = try store.read {
        try $0.all("SELECT pageno FROM dbstat WHERE name = 'message' AND pagetype = 'leaf'") { $0.int(0) }
      }
      try store.close()
      // Some of the leaves of the messages are filled with noise.
      let file = open(path, O_RDWR)
      for page in pages where UInt64.random(in: 0..<4, using: &random) == 0 {
        let noise = (0..<4096).map { _ in UInt8.random(in: 128...255, using: &random) }
        #expect(pwrite(file, noise, 4096, off_t(page - 1) * 4096) == 4096)
      }
      close(file)
      let damaged = try Store.open(path, for: .read)
      let target = directory + "/bundle.json"
      let descriptor = open(target, O_CREAT | O_RDWR, 0o600)
      var output = ExportOutput(descriptor: descriptor)
      let report = try damaged.export(to: &output)
      close(descriptor)
      #expect(!report.losses.isEmpty)
      // What came out is a bundle, and most is there.
      let rescued = try Store.inMemory()
      let summary = try Fixtures.load(String(contentsOfFile: target, encoding: .utf8), into: rescued)
      #expect(summary.phones.added == 1 && summary.schedules.added == 1)
      #expect(summary.messages.added > 500 && summary.messages.added < 2000)
    }
  }

  // MARK: - Files

  @Test func aMissingDatabaseIsMadeOnlyByAnImportThatSucceeds() throws {
    try TemporaryDirectory.during { directory in
      let path = directory + "/new.sqlite"
      func load(_ text: String, isDryRun: Bool) throws -> ImportSummary {
        try Store.importFiles(
          ImportFiles([Fixtures.input(text)]), intoFile: path,
          ImportOptions(stamp: Fixtures.stamp, isDryRun: isDryRun))
      }
      let bad = Fixtures.bundle(messages: Fixtures.message("m1", #""owner":"+18005550000""#))
      #expect(throws: ImportProblem.self) { try load(bad, isDryRun: false) }
      #expect(try load(Fixtures.bundle(), isDryRun: true).phones.added == 1)
      let left = try FileManager.default.subpathsOfDirectory(atPath: directory).filter {
        $0.contains("sqlite")
      }
      #expect(left.isEmpty)
      #expect(try load(Fixtures.bundle(), isDryRun: false).phones.added == 1)
      #expect(try load(Fixtures.bundle(), isDryRun: false).phones.unchanged == 1)
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o600)
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["new.sqlite"])
    }
  }
}

/// Gateways at random, with texts of every kind.
enum RandomGateway {
  private static let labels = ["", "hi", "漢字 👍", "é\\u0301", "\\\"quoted\\\\", "\\u202eabc"]
  private static let texts = [
    "", "hi", "\\u001b[2J\\n", "漢字 👍", "é\\u0301", "\\\"quoted\\\\", "\\u202eabc", "a\\tb", "\\ud83d\\ude00",
  ]

  /// A bundle with some schedules, phones and messages; the last message of a broken one is wrong.
  static func bundle(using random: inout SeededRandom, broken: Bool = false) -> String {
    func pick<T>(_ list: [T]) -> T { list[Int.random(in: 0..<list.count, using: &random)] }
    func time() -> String {
      "\"\(Timestamp.utc(1_774_764_000_000 + Int64.random(in: -9_999_999_999...9_999_999_999, using: &random)))\""
    }
    let schedules = (0..<Int.random(in: 0...3, using: &random)).map { index in
      let start = Int.random(in: 0..<1439, using: &random)
      let window =
        "{\"day_of_week\":\(index),\"start_minute\":\(start),\"end_minute\":\(Int.random(in: start + 1...1440, using: &random))}"
      let exceptions = """
        ,"exceptions":[{"date":"--12-2\(index)","note":"\(pick(["", " é", "\\u200f"]))"},\
        {"date":"2026-12-24","windows":[{"start_minute":\(start),"end_minute":1440}]}]
        """
      return """
        {"id":"s\(index)","name":"S\(pick(["", " é", "\\u200f"]))","timezone":"\(pick(["UTC", "Europe/Tallinn", "Australia/Lord_Howe"]))",\
        "is_active":\(pick(["true", "false"])),"windows":[\(window)]\(pick(["", exceptions]))}
        """
    }
    let phones = (0..<Int.random(in: 1...4, using: &random)).map { index in
      let schedule =
        schedules.isEmpty
        ? "null" : pick(["null", "\"s\(Int.random(in: 0..<schedules.count, using: &random))\""])
      return """
        {"id":"p\(index)","phone_number":"+1800555010\(index)","label":"\(pick(labels))","messages_per_minute":\(pick([0, 1, 7])),\
        "sim":"\(pick(["SIM1", "SIM2"]))","message_send_schedule_id":\(schedule),"max_send_attempts":\(pick([1, 2, 5])),\
        "messages_per_day":\(pick([0, 1, 90])),"retry_delay_seconds":\(pick([0, 60])),"pause_after_failures":\(pick([0, 5])),\
        "held_until":\(pick(["null", time()])),"hold_reason":"\(pick(["", "é"]))","failures_in_row":\(pick([0, 3]))}
        """
    }
    var messages = (0..<Int.random(in: 0...20, using: &random)).map { index in
      let status = pick(MessageStatus.allCases)
      return """
        {"id":"m\(index)","owner":"+1800555010\(Int.random(in: 0..<phones.count, using: &random))","contact":"+1800555\(pick([100, 2000]))",\
        "content":"\(pick(texts))","status":"\(status.rawValue)","request_received_at":\(time()),\
        "scheduled_send_time":\(pick(["null", time()])),"exact":\(pick(["true", "false"])),\
        "last_attempted_at":\(status == .sending ? time() : pick(["null", time()])),"sent_at":\(pick(["null", time()])),\
        "expires_at":\(pick(["null", time()])),"retry_at":\(pick(["null", time()])),"max_send_attempts":\(pick(["null", "4"])),\
        "send_attempt_count":\(pick([0, 1, 3])),"failure_reason":\(pick(["null", "\"no \\u0007 signal\""]))}
        """
    }
    if broken {
      messages.append(
        "{\"id\":\"last\",\"owner\":\"+18005550100\",\"contact\":\"\",\"content\":\"\",\"status\":\"pending\"}"
      )
    }
    return """
      {"messages":[\(messages.joined(separator: ",\n"))],"phones":[\(phones.joined(separator: ",\n"))],
      "message_send_schedules":[\(schedules.joined(separator: ",\n"))]}
      """
  }
}
