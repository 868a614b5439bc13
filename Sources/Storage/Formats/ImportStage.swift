import Formats
import Scheduling

/// What the files of an import say, read and checked before anybody has to wait for it: phones and schedules, which
/// are few, in memory, and the messages packed on a shelf.
struct ImportStage {
  /// The database changed so that the rows have to be read again.
  struct Outdated: Error {}

  /// A phone with messages.
  struct Owner {
    let number: String
    /// Where its first message stands; nil for a row of CSV, whose phone is known to be there.
    let place: RowPlace?
    var count = 0
  }

  private let files: ImportFiles
  private let now: Instant
  private let held: Int
  private let zones: any TimeZoneSource
  private let shelf: ImportShelf
  private(set) var clocks: ImportClocks
  private(set) var phones: [PhoneRecord] = []
  private(set) var schedules: [ScheduleRecord] = []
  private(set) var summary = ImportSummary()
  /// How many messages there are.
  private(set) var count = 0
  /// Whether the same message may stand at several places. One file of CSV has none twice.
  var mayRepeat: Bool { hasMessages || files.places(of: .csv).count > 1 }
  private var hasMessages = false
  /// The phones, in the order in which their first messages come.
  private(set) var owners: [Owner] = []
  private(set) var keys = ImportKeys()

  private var ownerPlaces: [String: Int] = [:]
  private var rows = PackedRows()
  private var lists: [String] = []

  /// Reads all files.
  init(_ files: ImportFiles, _ options: ImportOptions, _ store: Store, _ shelf: ImportShelf) throws {
    zones = store.zones
    self.files = files
    self.shelf = shelf
    now = options.stamp.at
    held = options.limits.held
    clocks = try store.read { try ImportClocks($0, zones: store.zones) }
    for place in files.places(of: .json) { try readRecords(file: place) }
    for schedule in schedules { clocks.note(schedule) }
    for phone in phones { clocks.note(phone) }
    for place in files.places(of: .csv) { try readRows(file: place) }
    try shelf.put(rows, isAll: true)
    rows = PackedRows()
  }

  // MARK: - Records

  private mutating func readRecords(file: Int) throws {
    var reader = try BundleReader(files.inputs[file], zones: ImportZones(zones))
    try reader.read { record in
      switch record {
      case .phone(let phone): phones.append(phone)
      case .schedule(let schedule): schedules.append(schedule)
      case .skipped(let reason, let id): skip(reason, id)
      case .message(let record): try add(record, file: file)
      }
    }
  }

  private mutating func add(_ record: MessageRecord, file: Int) throws {
    let message = record.message
    if let sendTime = record.sendTime, sendTime > now { summary.ahead.add(message.id) }
    if message.status.isWaiting { noteExpiry(message.expiresAt, sendAt: message.sendAt, message.id) }
    let place = RowPlace(
      file: Int64(file), line: Int64(record.line), list: list(record.list),
      index: record.index.map(Int64.init))
    let owner = owner(message.owner, at: place)
    count += 1
    hasMessages = true
    let (high, low) = SipHash128.of(message.id)
    try keys.add(
      ImportKeys.Key(
        high: Int64(bitPattern: high), low: Int64(bitPattern: low),
        words: SipHash128.words(of: message, sendTime: record.sendTime), number: Int64(count),
        isMessage: true,
        hasSendTime: false))
    rows.add(message, sendTime: record.sendTime, at: place, number: count, owner: owner)
    try putAwayIfLarge()
  }

  private mutating func noteExpiry(_ expiresAt: Instant?, sendAt: Instant?, _ id: String?) {
    if let expiresAt, let sendAt, expiresAt < sendAt { summary.expiring.add(id) }
  }

  private mutating func skip(_ reason: SkipReason, _ id: String?) {
    summary.messages.skipped += 1
    summary.skipped[reason, default: .init()].add(id)
  }

  // MARK: - Rows

  /// Equal rows of one file are as many messages; those of two files are the same ones, as if the files came one after
  /// the other.
  private mutating func readRows(file: Int) throws {
    var occurrences = RowOccurrences()
    var reader = try CSVMessageReader(files.inputs[file])
    var skipped = 0
    while let row = try reader.next(skipped: { skipped += 1 }) {
      guard let sender = sender(row) else {
        throw reader.problem("FromPhoneNumber", "the number of a known phone", found: row.from?.string)
      }
      let sendAt = try instant(row.sendTime, of: sender, "SendTime", reader)
      let expiresAt = try instant(row.expiresAt, of: sender, "ExpiresAt", reader)
      noteExpiry(expiresAt, sendAt: sendAt, nil)
      var fingerprint = RowFingerprint(row, phone: sender.digits, occurrence: 0)
      let occurrence = try occurrences.count(fingerprint.low)
      if occurrence > 0 { fingerprint = RowFingerprint(row, phone: sender.digits, occurrence: occurrence) }
      owners[sender.owner].count += 1
      count += 1
      try keys.add(
        ImportKeys.Key(
          high: fingerprint.high, low: fingerprint.low, number: Int64(count), isMessage: false,
          hasSendTime: sendAt != nil))
      rows.add(
        PackedRows.CSVRow(
          contact: row.to, content: row.content, sendAt: sendAt, expiresAt: expiresAt, isExact: row.isExact,
          fingerprint: fingerprint), number: count, owner: sender.owner)
      try putAwayIfLarge()
    }
    for _ in 0..<skipped { skip(.attachments, nil) }
  }

  private mutating func instant(
    _ moment: CSVMessage.Moment, of sender: Sender, _ column: String, _ reader: borrowing CSVMessageReader
  ) throws -> Instant? {
    // Most rows have none.
    if moment == .none { return nil }
    return try clocks.instant(moment, of: owners[sender.owner].number, column, reader)
  }

  private mutating func putAwayIfLarge() throws {
    guard rows.bytes.count >= held else { return }
    try shelf.put(rows, isAll: false)
    rows.removeAll()
  }

  /// Counts a message's phone, and returns its number among those of the import.
  private mutating func owner(_ number: String, at place: RowPlace?) -> Int {
    let found = known(number, at: place)
    owners[found].count += 1
    return found
  }

  /// The number of a phone among those of the import, where it is from now on.
  private mutating func known(_ number: String, at place: RowPlace?) -> Int {
    if let lastOwner, owners[lastOwner].number == number { return lastOwner }
    let found = ownerPlaces[number] ?? owners.count
    if found == owners.count {
      owners.append(Owner(number: number, place: place))
      ownerPlaces[number] = found
    }
    lastOwner = found
    return found
  }
  private var lastOwner: Int?

  /// A phone of which there are rows of CSV.
  private struct Sender {
    let number: NumberText
    /// The number without its `+`.
    let digits: UInt64
    let owner: Int
  }
  private var senders: [NumberText: Sender] = [:]
  private var lastSender: Sender?

  /// A row's phone; nil if nobody knows it.
  private mutating func sender(_ row: CSVMessage) -> Sender? {
    guard let number = row.from else { return nil }
    if let lastSender, lastSender.number == number { return lastSender }
    lastSender = senders[number]
    if lastSender == nil, clocks.isKnown(number.string) {
      let sender = Sender(
        number: number, digits: UInt64(number.string.dropFirst()) ?? 0, owner: known(number.string, at: nil))
      senders[number] = sender
      lastSender = sender
    }
    return lastSender
  }

  private mutating func list(_ name: String) -> Int64 {
    if let code = lists.firstIndex(of: name) { return Int64(code) }
    lists.append(name)
    return Int64(lists.count - 1)
  }

  // MARK: - Problems

  /// A problem with a field of the message at a place.
  func problem(at place: RowPlace, _ field: String, _ expected: String, found: String) -> ImportProblem {
    let list = lists.indices.contains(Int(place.list)) ? lists[Int(place.list)] : ""
    let record = place.index.map { "\(list)[\($0)]" } ?? list
    return RecordPlace(file: files.inputs[Int(place.file)].name, line: Int(place.line), record: record)
      .problem(field, expected, found: found)
  }
}

/// Counts the imports into a database.
enum ImportCounter {
  static func value(_ session: any Session) throws -> Int64 {
    try session.integer("SELECT value FROM counter WHERE name = 'import'") ?? 0
  }

  /// Counts one more, and returns which one it is.
  static func increase(_ session: any Session) throws -> Int64 {
    try session.run(
      "INSERT INTO counter (name, value) VALUES ('import', 1) ON CONFLICT (name) DO UPDATE SET value = counter.value + 1"
    )
    return try value(session)
  }
}

extension RowWriter {
  func optional(_ value: Int64?) {
    if let value { integer(value) } else { null() }
  }
}

extension ImportZones {
  fileprivate init(_ zones: any TimeZoneSource) {
    self.init { name in
      zones.isKnown(name) ? nil : "an IANA time zone such as \(zones.example(for: name))"
    }
  }
}
