import Foundation
import GRDB

extension Store {
  /// Copies the database, as it stands now, to a new file for its owner alone, while others work.
  ///
  /// The copy is made under another name, verified, and then given its own; throws
  /// ``StoreError/alreadyExists(path:)`` if something has that name.
  package func backUp(to target: String) throws {
    guard access(target, F_OK) != 0 else { throw StoreError.alreadyExists(path: target) }
    let draft = StoreFile(path: "\(target).new-\(getpid())-\(UInt32.random(in: 0...UInt32.max))")
    guard try draft.makeEmpty(for: target) else { throw StoreError.alreadyExists(path: draft.path) }
    defer { draft.remove() }
    do {
      try copy(to: draft.path)
      let copy = try Store.open(draft.path, for: .read, zones: zones)
      let problems = try copy.check()
      try copy.close()
      if let problem = problems.first { throw StoreError.damaged(path: path, reason: problem) }
    } catch {
      throw StoreError.translating(error, path: target)
    }
    guard try draft.move(to: target) else { throw StoreError.alreadyExists(path: target) }
    StoreFile(path: target).syncDirectory()
  }

  private func copy(to path: String) throws {
    var configuration = Configuration()
    configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA synchronous = FULL") }
    let copy = try DatabaseQueue(path: path, configuration: configuration)
    try queue.backup(to: copy)
    try copy.close()
  }
}
