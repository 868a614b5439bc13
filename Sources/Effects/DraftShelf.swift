import Editor
import Scheduling
import Storage

/// Where the unsaved work of one editor is kept, beside that of the same author's other editors: in the database, and
/// where that cannot be, in files.
package struct DraftShelf: Sendable {
  /// Nil while the database cannot be reached.
  private let store: Store?
  private let author: String
  /// Names this editor among the author's.
  private let editor: String
  private let files: DraftFiles?
  /// Whether an editor with a name still runs, which kept something at an instant: that is nobody else's business.
  private let isRunning: @Sendable (String, Instant) -> Bool

  package init(
    store: Store?, author: String, editor: String, files: DraftFiles? = nil,
    isRunning: @escaping @Sendable (_ editor: String, _ keptAt: Instant) -> Bool
  ) {
    self.store = store
    self.author = author
    self.editor = editor
    self.files = files
    self.isRunning = isRunning
  }

  /// Keeps work on a phone in place of what this editor kept of it before.
  package func keep(_ kept: KeptDraft) throws {
    let draft = Storage.Draft(
      subject: subject(kept.phoneID), author: author, payload: try DraftCodec.encode(kept),
      updatedAt: kept.keptAt)
    do {
      guard let store else { throw Unreachable() }
      try store.keep(draft)
    } catch {
      // What is in a file is as safe; only if it cannot be there either is there something to tell.
      guard let files, files.keep(draft) else { throw error }
      return
    }
    files?.forget(subject: draft.subject, author: author)
  }

  private struct Unreachable: Error, CustomStringConvertible {
    let description = "neither the database nor a file can take it"
  }

  /// Forgets what this editor kept of a phone.
  package func drop(phoneID: String) throws { try forget(subject(phoneID)) }

  /// Forgets work that another editor left, by its ``KeptDraft/id``.
  package func forget(_ id: String) throws {
    files?.forget(subject: id, author: author)
    try store?.forgetDraft(of: id, by: author)
  }

  /// What editors of this author left that do not run any more, the newest first.
  package func leftBehind() throws -> [KeptDraft] {
    let all = try (store?.drafts(of: author) ?? []) + (files?.drafts(of: author) ?? [])
    let newest = Dictionary(all.map { ($0.subject, $0) }) { $0.updatedAt >= $1.updatedAt ? $0 : $1 }
    return newest.values.filter(isLeftBehind)
      .sorted { ($1.updatedAt, $0.subject) < ($0.updatedAt, $1.subject) }
      .compactMap { DraftCodec.decode($0.payload, id: $0.subject) }
  }

  /// The database's version as this sees it; see ``Store/version()``. Nil while it cannot be reached.
  package func version() throws -> StoreVersion? { try store?.version() }

  private func subject(_ phoneID: String) -> String { "phone:\(phoneID)#\(editor)" }

  private func isLeftBehind(_ draft: Storage.Draft) -> Bool {
    guard let mark = draft.subject.lastIndex(of: "#") else { return true }
    return !isRunning(String(draft.subject[draft.subject.index(after: mark)...]), draft.updatedAt)
  }
}
