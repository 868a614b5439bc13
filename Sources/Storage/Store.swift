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

  private let connection: Connection
  var queue: DatabaseQueue { connection.queue }
  /// How often this store wrote: SQLite's own count leaves those out.
  let ownWrites = Atomic<Int64>(0)
  let timelines = TimelineCache()

  private init(path: String, connection: Connection, isWritable: Bool) {
    self.path = path
    self.connection = connection
    self.isWritable = isWritable
  }

  /// Opens the database at `path`.
  package static func open(_ path: String, for access: Access) throws -> Store {
    // SQLite reads URIs and names in colons as something else than files.
    let path = path.hasPrefix("file:") || path.hasPrefix(":") ? "./" + path : path
    let file = StoreFile(path: path)
    switch try file.look() {
    case .missing:
      guard access.mayCreate else { throw StoreError.missing(path: path) }
      try create(file)
      return try open(path, for: .write)
    case .empty:
      guard access.mayCreate else { throw StoreError.notOurs(path: path, found: "an empty file") }
      return try openFile(path, access: .create, isWritable: true)
    case .file(let isWritable):
      guard isWritable || access == .read || access == .edit else {
        throw StoreError.noPermission(path: path, to: "write to it")
      }
      return try openFile(path, access: access, isWritable: isWritable)
    }
  }

  /// A store without a file, for tests and for trying things out.
  package static func inMemory() throws -> Store {
    let connection = try Connection(path: ":memory:", isWritable: true, onlyReads: false)
    let store = Store(path: ":memory:", connection: connection, isWritable: true)
    try Schema.migrator.migrate(store.queue)
    return store
  }

  /// Does several reads on one state of the file.
  func read<T>(_ body: (Database) throws -> T) throws -> T {
    try translatingErrors {
      try connection.renew()
      return try queue.unsafeRead { db in
        var result: T?
        try db.inTransaction(.deferred) {
          result = try body(db)
          return .commit
        }
        return try result.orDamaged(path)
      }
    }
  }

  /// Does one immediate transaction, which an error undoes.
  func write<T>(_ body: (Database) throws -> T) throws -> T {
    try writeOrUndo { db in (try body(db), true) }
  }

  /// Does one immediate transaction, which is undone unless the second value of `body` is true.
  func writeOrUndo<T>(_ body: (Database) throws -> (T, isDone: Bool)) throws -> T {
    guard isWritable else { throw StoreError.readOnly(path: path) }
    return try translatingErrors {
      try queue.inDatabase { db in
        var result: T?
        var isDone = false
        try db.inTransaction(.immediate) {
          (result, isDone) = try body(db)
          return isDone ? .commit : .rollback
        }
        if isDone { ownWrites.add(1, ordering: .relaxed) }
        return try result.orDamaged(path)
      }
    }
  }

  /// The state of a file that SQLite cannot watch; nil for any other.
  var fileMark: FileMark? { connection.fileMark }

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

extension Optional {
  /// The value that a transaction's closure must have set.
  fileprivate func orDamaged(_ path: String) throws -> Wrapped {
    guard let self else { throw StoreError.failed(path: path, reason: "the transaction did not run") }
    return self
  }
}

// MARK: - Opening

extension Store {
  /// Makes the whole database under another name first, so that nobody ever sees half of one.
  private static func create(_ file: StoreFile) throws {
    try file.makeParents()
    let name = "\(file.path).new-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    let draft = StoreFile(path: name)
    guard try draft.makeEmpty(for: file.path) else {
      throw StoreError.cannotCreate(path: file.path, reason: "\(name) exists")
    }
    defer { draft.remove() }
    do {
      let store = try openFile(name, access: .create, isWritable: true)
      try store.queue.close()
    } catch StoreError.diskFull {
      throw StoreError.diskFull(path: file.path)
    } catch {
      throw StoreError.translating(error, path: file.path)
    }
    _ = try draft.move(to: file.path)
    file.syncDirectory()
  }

  private static func openFile(_ path: String, access: Access, isWritable: Bool) throws -> Store {
    do {
      let onlyReads = access == .read || !isWritable
      let connection = try Connection(path: path, isWritable: isWritable, onlyReads: onlyReads)
      let store = Store(path: path, connection: connection, isWritable: !onlyReads)
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
