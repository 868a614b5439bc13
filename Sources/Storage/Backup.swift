import Glibc

extension Store {
  /// Copies the database, as it stands now, to a new file for its owner alone, while others work.
  ///
  /// The copy is made under another name, its pages are checked, and then it gets its own; throws
  /// ``StoreError/alreadyExists(path:)`` if something has that name.
  ///
  /// The check (`quick_check`) reads the copy once: of a million messages, 216 MB, it takes four times as long as the copying
  /// alone, two seconds more. A backup is made at night and needed once, and then it is too late to find a damaged page.
  /// That indexes and tables agree (`integrity_check`), which takes another six seconds, is not looked at here: whoever
  /// goes back to a copy can make them anew.
  package func backUp(to target: String) throws {
    let source = try sqliteEngine(instead: "pg_dump --schema=send_schedule")
    guard access(target, F_OK) != 0 else { throw StoreError.alreadyExists(path: target) }
    let copy = try TemporaryFile(for: target)
    do {
      try copyPages(of: source, to: copy.path)
    } catch StoreError.diskFull, StoreError.inputOutput {
      throw StoreFile(path: target).cannotWrite(errno == ENOSPC ? ENOSPC : EIO)
    } catch {
      throw StoreError.translating(error, path: target)
    }
    guard try copy.move() else { throw StoreError.alreadyExists(path: target) }
  }

  private func copyPages(of source: SQLiteEngine, to path: String) throws {
    let copy = try SQLiteHandle(file: path, name: path, isReadOnly: false, wait: LockWait())
    try source.handle.copy(to: copy)
    let problem = try copy.use { try $0.text("PRAGMA quick_check(1)") }
    if let problem, problem != "ok" { throw StoreError.damaged(path: self.path, reason: problem) }
    try copy.close()
  }
}
