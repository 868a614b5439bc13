import GRDB
import Scheduling

/// Unsaved work of one administrator, kept beside the schedule that it is about.
package struct Draft: Equatable, Sendable {
  /// The schedule's id; for one that does not exist yet, a name of the editor's own.
  package var scheduleID: String
  package var author: String
  /// The revision that the work began from; 0 for a new schedule.
  package var baseRevision: Int
  /// What the editor wants to find again; the store does not read it.
  package var payload: String
  package var updatedAt: Instant

  package init(scheduleID: String, author: String, baseRevision: Int, payload: String, updatedAt: Instant) {
    self.scheduleID = scheduleID
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
          INSERT OR REPLACE INTO draft (schedule_id, author, base_revision, payload, updated_at)
          VALUES (?, ?, ?, ?, ?)
          """
      ).execute(arguments: [
        draft.scheduleID, draft.author, draft.baseRevision, draft.payload, draft.updatedAt,
      ])
    }
  }

  /// The drafts of an author, the newest first.
  package func drafts(of author: String) throws -> [Draft] {
    try read { db in
      let sql = """
        SELECT schedule_id, base_revision, payload, updated_at FROM draft
        WHERE author = ? ORDER BY updated_at DESC, schedule_id
        """
      return try Row.fetchAll(db, sql: sql, arguments: [author]).map {
        Draft(scheduleID: $0[0], author: author, baseRevision: $0[1], payload: $0[2], updatedAt: $0[3])
      }
    }
  }

  /// Forgets a draft, if there is one.
  package func forgetDraft(of scheduleID: String, by author: String) throws {
    try write { db in
      try db.execute(
        sql: "DELETE FROM draft WHERE schedule_id = ? AND author = ?", arguments: [scheduleID, author])
    }
  }
}
