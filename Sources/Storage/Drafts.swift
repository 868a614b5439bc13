import Scheduling

/// Unsaved work of one administrator, kept apart from what it is about.
package struct Draft: Equatable, Sendable {
  /// What the work is about, and in which editor: a name of the editor's own.
  package var subject: String
  package var author: String
  /// What the editor wants to find again; the store does not read it.
  package var payload: String
  package var updatedAt: Instant

  package init(subject: String, author: String, payload: String, updatedAt: Instant) {
    self.subject = subject
    self.author = author
    self.payload = payload
    self.updatedAt = updatedAt
  }
}

extension Store {
  /// Names this program among all that use the same server; nil for a file.
  package var nameOnServer: String? { (engine as? PostgreSQLEngine)?.identity }

  /// Whether it can be told which programs use the database: by locks of a file, or of a server that has such.
  package var tellsWhoRuns: Bool { (engine as? PostgreSQLEngine)?.isCockroach != true }

  /// Whether an editor with a name of ``nameOnServer`` runs, on whichever host; nil where the server does not know. One
  /// of which it cannot be asked now may run.
  package func isRunning(_ name: String) -> Bool? {
    guard let engine = engine as? PostgreSQLEngine, !engine.isCockroach else { return nil }
    return (try? read { try RunningMark.isHeld(by: name, $0) }) ?? true
  }

  /// Keeps a draft in place of the same author's earlier one about the same subject.
  package func keep(_ draft: Draft) throws {
    try write { session in
      try session.run(
        """
        INSERT INTO draft (subject, author, payload, updated_at) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (subject, author) DO UPDATE SET payload = excluded.payload, updated_at = excluded.updated_at
        """,
        [.text(draft.subject), .text(draft.author), .text(draft.payload), .integer(draft.updatedAt)])
    }
  }

  /// The drafts of an author, the newest first.
  package func drafts(of author: String) throws -> [Draft] {
    try read { session in
      let sql = """
        SELECT subject, payload, updated_at FROM draft WHERE author = ?1 ORDER BY updated_at DESC, subject
        """
      return try session.all(sql, [.text(author)]) {
        Draft(subject: $0.text(0), author: author, payload: $0.text(1), updatedAt: $0.integer(2))
      }
    }
  }

  /// Forgets a draft, if there is one.
  package func forgetDraft(of subject: String, by author: String) throws {
    try write { session in
      try session.run(
        "DELETE FROM draft WHERE subject = ?1 AND author = ?2", [.text(subject), .text(author)])
    }
  }
}
