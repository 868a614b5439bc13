import GRDB
import Scheduling

/// Unsaved work of one administrator, kept apart from what it is about.
package struct Draft: Equatable, Sendable {
  /// What the work is about: the id of a schedule or a phone, or a name of the editor's own.
  package var subject: String
  package var author: String
  /// The revision that the work began from; 0 for a new schedule.
  package var baseRevision: Int
  /// What the editor wants to find again; the store does not read it.
  package var payload: String
  package var updatedAt: Instant

  package init(subject: String, author: String, baseRevision: Int, payload: String, updatedAt: Instant) {
    self.subject = subject
    self.author = author
    self.baseRevision = baseRevision
    self.payload = payload
    self.updatedAt = updatedAt
  }
}

extension Store {
  /// Keeps a draft in place of the same author's earlier one.
  package func keep(_ draft: Draft) throws {
    try write { db in
      try db.cachedStatement(
        sql: """
          INSERT OR REPLACE INTO draft (subject, author, base_revision, payload, updated_at)
          VALUES (?, ?, ?, ?, ?)
          """
      ).execute(arguments: [
        draft.subject, draft.author, draft.baseRevision, draft.payload, draft.updatedAt,
      ])
    }
  }

  /// The drafts of an author, the newest first.
  package func drafts(of author: String) throws -> [Draft] {
    try read { db in
      let sql = """
        SELECT subject, base_revision, payload, updated_at FROM draft
        WHERE author = ? ORDER BY updated_at DESC, subject
        """
      return try Row.fetchAll(db, sql: sql, arguments: [author]).map {
        Draft(subject: $0[0], author: author, baseRevision: $0[1], payload: $0[2], updatedAt: $0[3])
      }
    }
  }

  /// Forgets a draft, if there is one.
  package func forgetDraft(of subject: String, by author: String) throws {
    try write { db in
      try db.execute(
        sql: "DELETE FROM draft WHERE subject = ? AND author = ?", arguments: [subject, author])
    }
  }
}
