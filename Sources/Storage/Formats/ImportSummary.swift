import Formats
import Scheduling

/// How many records of one kind an import found.
package struct ImportCounts: Equatable, Sendable {
  package var added = 0
  package var updated = 0
  /// Known already, and nothing new about them.
  package var unchanged = 0
  /// Not for sending: received messages, encrypted ones, those with attachments.
  package var skipped = 0

  package init(added: Int = 0, updated: Int = 0, unchanged: Int = 0, skipped: Int = 0) {
    self.added = added
    self.updated = updated
    self.unchanged = unchanged
    self.skipped = skipped
  }

  fileprivate var words: String {
    let words = "\(added) added, \(updated) updated, \(unchanged) unchanged"
    return skipped > 0 ? "\(words), \(skipped) skipped" : words
  }
}

/// What an import did, or would do.
package struct ImportSummary: Equatable, Sendable {
  package var phones = ImportCounts()
  package var schedules = ImportCounts()
  package var messages = ImportCounts()
  package var isDryRun = false
  /// Messages that were left out, by why, with the ids of the first few.
  package var skipped: [SkipReason: SomeIDs] = [:]
  /// How many rows of CSV came already, by the day (UTC) on which they did.
  package var knownRows: [CivilDate: Int] = [:]
  /// Messages that were done with and then forgotten: they are not queued again.
  package var forgotten = SomeIDs()
  /// Known messages whose owner, contact or text is another in the file; they stay as they are.
  package var different = SomeIDs()

  /// Phones that are held here, and that the file lets send.
  package var released = SomeIDs()
  /// Waiting messages that expire before their send time.
  package var expiring = SomeIDs()

  /// Messages that were claimed or sent at a moment to come: a clock was wrong, and nothing waits for it.
  package var ahead = SomeIDs()

  package init() {}

  /// Many ids: their number, and the first few.
  package struct SomeIDs: Equatable, Sendable {
    package var count = 0
    package var first: [String] = []

    package init() {}

    mutating func add(_ id: String?) {
      count += 1
      if first.count < 3, let id { first.append(id) }
    }

    mutating func add(_ other: SomeIDs) {
      count += other.count
      first += other.first.prefix(3 - first.count)
    }

    fileprivate var words: String {
      let names = first.map { ImportProblem.quote($0).dropFirst().dropLast() }.joined(separator: ", ")
      return names.isEmpty ? "" : " (\(names)\(count > first.count ? ", …" : ""))"
    }
  }

  /// One object: `{"dry_run":…,"phones":{"added":…,…},"message_send_schedules":{…},"messages":{…},"notes":[…]}`.
  package func json(_ json: inout JSONBytes) {
    json.raw("{\"dry_run\":")
    json.boolean(isDryRun)
    json.raw(",\"phones\":")
    Self.counts(phones, &json)
    json.raw(",\"message_send_schedules\":")
    Self.counts(schedules, &json)
    json.raw(",\"messages\":")
    Self.counts(messages, &json)
    json.raw(",\"notes\":[")
    for (index, note) in notes.enumerated() {
      if index > 0 { json.raw(",") }
      json.text(note)
    }
    json.raw("]}")
  }

  private static func counts(_ counts: ImportCounts, _ json: inout JSONBytes) {
    json.raw("{\"added\":")
    json.integer(counts.added)
    json.raw(",\"updated\":")
    json.integer(counts.updated)
    json.raw(",\"unchanged\":")
    json.integer(counts.unchanged)
    json.raw(",\"skipped\":")
    json.integer(counts.skipped)
    json.raw("}")
  }

  /// Three lines for people, `messages   1,000 added, 2 updated, 0 unchanged, 5 skipped`, and what is to be said
  /// besides.
  package var lines: [String] {
    kinds.map { name, counts in
      name + String(repeating: " ", count: max(0, 10 - name.count)) + counts.words
    } + notes
  }

  /// The same in one: `phones 1 added, 0 updated, 0 unchanged; 2 rows came on …`, without kinds of records that were not
  /// in the files; empty if nothing was.
  package var sentence: String {
    let found = kinds.filter { $0.counts != ImportCounts() }.map { "\($0.name) \($0.counts.words)" }
    return (found + notes).joined(separator: "; ")
  }

  private var kinds: [(name: String, counts: ImportCounts)] {
    [("phones", phones), ("schedules", schedules), ("messages", messages)]
  }

  /// What is to be said besides the numbers, a sentence each.
  package var notes: [String] {
    var notes: [String] = []
    for reason in SkipReason.allCases {
      guard let ids = skipped[reason] else { continue }
      notes.append("skipped: \(ids.count.counted("message")) \(reason.rawValue)\(ids.words)")
    }
    for (day, count) in knownRows.sorted(by: { $0.key < $1.key }) {
      notes.append("\(count.counted("row")) came on \(day.text) already; --again queues them anyway")
    }
    if forgotten.count > 0 {
      notes.append(
        "\(forgotten.count.counted("message")) known already: done with here, then pruned\(forgotten.words)"
      )
    }
    if different.count > 0 {
      notes.append(
        "\(different.count.counted("known message")) with another owner, contact or text in the file, left "
          + "as it was here\(different.words)")
    }
    if ahead.count > 0 {
      notes.append(
        "\(ahead.count.counted("message")) claimed or sent at a moment to come\(ahead.words), which counts "
          + "for nothing until then")
    }
    if expiring.count > 0 {
      notes.append(
        "\(expiring.count.counted("message")) expiring before the send time\(expiring.words): "
          + "would never go out")
    }
    if released.count > 0 {
      notes.append(
        "\(released.count.counted("phone")) released from a hold, which the file does not have"
          + released.words)
    }
    return notes
  }

}
