import Formats

/// How many records of one kind an import met.
package struct ImportCounts: Equatable, Sendable {
  package var added = 0
  package var updated = 0
  /// Known already, and nothing new about them.
  package var unchanged = 0
  /// Not for sending: received messages, missed calls, deleted ones.
  package var skipped = 0

  package init(added: Int = 0, updated: Int = 0, unchanged: Int = 0, skipped: Int = 0) {
    self.added = added
    self.updated = updated
    self.unchanged = unchanged
    self.skipped = skipped
  }
}

/// What an import did, or would do.
package struct ImportSummary: Equatable, Sendable {
  package var phones = ImportCounts()
  package var schedules = ImportCounts()
  package var messages = ImportCounts()
  package var isDryRun = false

  package init() {}

  /// One object: `{"dry_run":…,"phones":{"added":…,…},"message_send_schedules":{…},"messages":{…}}`.
  package func json(_ json: inout JSONBytes) {
    json.raw("{\"dry_run\":")
    json.boolean(isDryRun)
    json.raw(",\"phones\":")
    Self.counts(phones, &json)
    json.raw(",\"message_send_schedules\":")
    Self.counts(schedules, &json)
    json.raw(",\"messages\":")
    Self.counts(messages, &json)
    json.raw("}")
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

  /// Three lines for people: `messages   1,000 added, 2 updated, 0 unchanged, 5 skipped`.
  package var lines: [String] {
    [("phones", phones), ("schedules", schedules), ("messages", messages)].map { name, counts in
      let title = name.padding(10)
      let parts = [
        "\(counts.added) added", "\(counts.updated) updated", "\(counts.unchanged) unchanged",
        counts.skipped > 0 ? "\(counts.skipped) skipped" : nil,
      ]
      return title + parts.compactMap { $0 }.joined(separator: ", ")
    }
  }
}

extension String {
  fileprivate func padding(_ width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
