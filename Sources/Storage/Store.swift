import Foundation
import GRDB
import Scheduling
import Synchronization

/// Phones, schedules and queues in one SQLite file, shared with any number of other processes.
///
/// Reads see one state of the file; writes are immediate transactions, all or nothing, on the disk when
/// they return. Times come in as arguments. Everything throws ``StoreError``.
package final class Store: Sendable {
  /// What somebody wants to do with the file.
  package enum Access: Sendable {
    /// Looks at a file that exists, and changes nothing in it.
    case read
    /// Changes a file that exists.
    case write
    /// Changes a file, and makes it if there is none.
    case create
    /// The same, but looks only where the file may only be read.
    case edit
  }

  /// Where the file is; `:memory:` for one that lives and dies with this value.
  package let path: String
  /// False if the file may only be read, by the wish of whoever opened it or by its permissions.
  package let isWritable: Bool

  package let engine: any Engine
  private let sqlite: SQLiteEngine
  var queue: DatabaseQueue { sqlite.queue }
  /// The clocks of the schedules' time zones.
  package let zones: any TimeZoneSource

  private init(path: String, sqlite: SQLiteEngine, isWritable: Bool, zones: any TimeZoneSource) {
    self.zones = zones
    self.path = path
    engine = sqlite
    self.sqlite = sqlite
    self.isWritable = isWritable
  }

  /// Opens the database at `path`.
  package static func open(_ path: String, for access: Access, zones: any TimeZoneSource) throws -> Store {
    // SQLite reads URIs and names in colons as something else than files.
    let path = path.hasPrefix("file:") || path.hasPrefix(":") ? "./" + path : path
    let file = StoreFile(path: path)
    switch try file.look() {
    case .missing:
      guard access.mayCreate else { throw StoreError.missing(path: path) }
      try create(file, zones: zones)
      return try open(path, for: .write, zones: zones)
    case .empty:
      guard access.mayCreate else { throw StoreError.notOurs(path: path, found: "an empty file") }
      return try openFile(path, access: .create, isWritable: true, zones: zones)
    case .file(let isWritable):
      guard isWritable || access == .read || access == .edit else {
        throw StoreError.noPermission(path: path, to: "write to it")
      }
      return try openFile(path, access: access, isWritable: isWritable, zones: zones)
    }
  }

  /// A store without a file, for tests and for trying things out.
  package static func inMemory(zones: any TimeZoneSource) throws -> Store {
    let connection = try SQLiteConnection(path: ":memory:", isWritable: true, onlyReads: false)
    let engine = SQLiteEngine(connection, name: ":memory:")
    let store = Store(path: ":memory:", sqlite: engine, isWritable: true, zones: zones)
    try Schema.migrator.migrate(store.queue)
    return store
  }

  /// Does several reads on one state of the file, by GRDB's own means.
  func read<T>(_ body: (Database) throws -> T) throws -> T {
    try sqlite.read { _ in try queue.unsafeReentrantRead(body) }
  }

  /// Does one immediate transaction, which an error undoes.
  func write<T>(_ body: (Database) throws -> T) throws -> T {
    try writeOrUndo { db in (try body(db), true) }
  }

  /// Does one immediate transaction, which is undone unless the second value of `body` is true.
  func writeOrUndo<T>(_ body: (Database) throws -> (T, isDone: Bool)) throws -> T {
    guard isWritable else { throw StoreError.readOnly(path: path) }
    var undone: T?
    do {
      return try sqlite.write { _ in
        let (result, isDone) = try queue.unsafeReentrantWrite(body)
        guard isDone else {
          undone = result
          throw Undo()
        }
        return result
      }
    } catch is Undo {
      guard let undone else { throw StoreError.interrupted }
      return undone
    }
  }

  /// Ends a transaction whose result is wanted, but not what it changed.
  private struct Undo: Error {}

  /// Finishes with the database; throws if what was written is not where it belongs.
  package func close() throws { try engine.close() }

  func translatingErrors<T>(_ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch {
      throw StoreError.translating(error, path: path)
    }
  }
}

extension Store.Access {
  fileprivate var mayCreate: Bool { self == .create || self == .edit }
}

// MARK: - Opening

extension Store {
  /// Makes the whole database under another name first, so that nobody ever sees half of one.
  private static func create(_ file: StoreFile, zones: any TimeZoneSource) throws {
    try file.makeParents()
    let name = "\(file.path).new-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    let draft = StoreFile(path: name)
    guard try draft.makeEmpty(for: file.path) else {
      throw StoreError.cannotCreate(path: file.path, reason: "\(name) exists")
    }
    defer { draft.remove() }
    do {
      let store = try openFile(name, access: .create, isWritable: true, zones: zones)
      try store.close()
    } catch StoreError.diskFull {
      throw StoreError.diskFull(path: file.path)
    } catch {
      throw StoreError.translating(error, path: file.path)
    }
    _ = try draft.move(to: file.path)
    file.syncDirectory()
  }

  private static func openFile(
    _ path: String, access: Access, isWritable: Bool, zones: any TimeZoneSource
  ) throws -> Store {
    do {
      let onlyReads = access == .read || !isWritable
      let connection = try SQLiteConnection(path: path, isWritable: isWritable, onlyReads: onlyReads)
      let engine = SQLiteEngine(connection, name: path)
      let store = Store(path: path, sqlite: engine, isWritable: !onlyReads, zones: zones)
      try store.prepare(access, mayMigrate: isWritable)
      return store
    } catch {
      throw StoreError.translating(error, path: path)
    }
  }

  /// Makes sure that the file is ours and of this version.
  private func prepare(_ access: Access, mayMigrate: Bool) throws {
    let state = try queue.unsafeRead(state)
    if state == .fresh, !access.mayCreate {
      throw StoreError.notOurs(path: path, found: "an empty database")
    }
    if state != .current {
      guard mayMigrate else { throw StoreError.readOnly(path: path) }
      try migrate()
    }
    if access == .read { try queue.inDatabase { try $0.execute(sql: "PRAGMA query_only = 1") } }
  }

  private enum State { case current, older, fresh }

  private func state(_ db: Database) throws -> State {
    let id = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
    guard id == Schema.applicationID else {
      let tables = try String.fetchAll(
        db, sql: "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' LIMIT 4")
      guard id == 0, tables.allSatisfy({ $0 == "grdb_migrations" }) else {
        throw StoreError.notOurs(path: path, found: "a database of another program")
      }
      return .fresh
    }
    let applied = try Schema.migrator.appliedIdentifiers(db)
    let known = Schema.migrator.migrations
    guard applied.isSubset(of: known) else { throw StoreError.newerVersion(path: path) }
    return applied.count == known.count ? .current : .older
  }

  /// Brings the file to this version, beside others who may be doing the same.
  private func migrate() throws {
    var tries = 0
    while true {
      do {
        try queue.inDatabase { db in
          if try String.fetchOne(db, sql: "PRAGMA journal_mode") != "wal" {
            _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL")
          }
        }
        return try Schema.migrator.migrate(queue)
      } catch {
        // Another process may have been first; then its work is ours.
        tries += 1
        if case .current? = try? queue.unsafeRead(state) { return }
        guard tries < 100, (error as? DatabaseError)?.resultCode == .SQLITE_BUSY else { throw error }
        usleep(10_000)
      }
    }
  }
}
