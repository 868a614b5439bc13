import Editor
import Scheduling
import Storage

/// Where the unsaved work of one editor is kept, beside that of the same author's other editors.
package struct DraftShelf: Sendable {
  let store: Store
  let author: String
  /// Names this editor among the author's.
  let editor: String
  /// Whether an editor with a name still runs: what it keeps is nobody else's business.
  let isRunning: @Sendable (String) -> Bool

  package init(
    store: Store, author: String, editor: String, isRunning: @escaping @Sendable (String) -> Bool
  ) {
    self.store = store
    self.author = author
    self.editor = editor
    self.isRunning = isRunning
  }

  /// Keeps work on a phone in place of what this editor kept of it before.
  package func keep(_ kept: KeptDraft) throws {
    try store.keep(
      Storage.Draft(
        subject: "\(DraftCodec.subject(kept.phoneID))#\(editor)", author: author,
        payload: try DraftCodec.encode(kept), updatedAt: kept.keptAt))
    try forget(phoneID: kept.phoneID, mineToo: false)
  }

  /// Forgets the work on a phone, also what an earlier editor left of it.
  package func drop(phoneID: String) throws { try forget(phoneID: phoneID, mineToo: true) }

  /// What earlier editors of this author left, the newest first.
  package func leftBehind() throws -> [KeptDraft] {
    try store.drafts(of: author).filter(isLeftBehind).compactMap { DraftCodec.decode($0.payload) }
  }

  /// What was left behind is continued here by now, or was given up.
  private func forget(phoneID: String, mineToo: Bool) throws {
    let prefix = DraftCodec.subject(phoneID) + "#"
    for old in try store.drafts(of: author) where old.subject.hasPrefix(prefix) {
      let isMine = old.subject.hasSuffix("#" + editor)
      if isMine ? mineToo : isLeftBehind(old) { try store.forgetDraft(of: old.subject, by: author) }
    }
  }

  private func isLeftBehind(_ draft: Storage.Draft) -> Bool {
    guard let name = draft.subject.split(separator: "#").last, draft.subject.contains("#") else {
      return true
    }
    return !isRunning(String(name))
  }
}
