import Scheduling

/// Phones, schedules and queues in one database, shared with any number of other processes.
///
/// Reads see one state of it; writes are transactions, all or nothing, on the disk when they return. Times come in as
/// arguments. Everything throws ``StoreError``.
package final class Store: Sendable {
  /// What somebody wants to do with the file.
  package enum Access: Sendable {
    /// Looks at a file of this version that exists. The only thing it changes is what an import left to be queued, where
    /// it may.
    case read
    /// Changes a file that exists.
    case write
    /// Changes a file, and makes it if there is none.
    case create
    /// The same, but looks only where the file may only be read.
    case edit
  }

  /// Where the database is, for people: the file, or the server's address without a password; `:memory:` for one
  /// that lives and dies with this value.
  package let path: String
  /// False if the file may only be read, by the wish of whoever opened it or by its permissions.
  package let isWritable: Bool

  package let engine: any Engine
  /// The clocks of the schedules' time zones.
  package let zones: any TimeZoneSource

  package init(engine: any Engine, path: String, isWritable: Bool, zones: any TimeZoneSource) {
    self.zones = zones
    self.engine = engine
    self.path = path
    self.isWritable = isWritable
  }

  /// Whether what is written goes to the file at ``path``: it may have been moved, deleted or replaced.
  package var isInPlace: Bool { (engine as? SQLiteEngine)?.isInPlace ?? true }

  /// The engine of a file; throws for a database on a server, naming what does the same there.
  func sqliteEngine(instead tool: String) throws -> SQLiteEngine {
    guard let engine = engine as? SQLiteEngine else { throw StoreError.onServer(path: path, instead: tool) }
    return engine
  }

  /// Does several reads on one state of the database; `body` may run again if it hands nothing on meanwhile.
  func read<T>(isRepeatable: Bool = true, _ body: (any Session) throws -> T) throws -> T {
    try engine.read(isRepeatable: isRepeatable, body)
  }

  /// Does one transaction, all or nothing, on the disk when this returns.
  @discardableResult
  func write<T>(_ isolation: Isolation = .serializable, _ body: (any Session) throws -> T) throws -> T {
    guard isWritable else { throw StoreError.readOnly(path: path) }
    return try engine.write(isolation, body)
  }

  /// Returns what `body` returns, or handed to the function that makes an error which undoes its transaction.
  func undoable<T>(_ body: ((T) -> any Error) throws -> T) throws -> T {
    var undone: T?
    do {
      return try body { result in
        undone = result
        return Undo()
      }
    } catch is Undo {
      guard let undone else { throw StoreError.interrupted }
      return undone
    }
  }

  /// Ends a transaction whose result is wanted, but not what it changed.
  private struct Undo: Error {}

  /// How far the clock that counts for this database is ahead of this machine's, in milliseconds.
  package var clockOffset: Duration { engine.clockOffset }

  /// Tells of what others write; nil where ``version()`` is to be asked.
  package func changes() -> (any Changes)? { engine.changes() }

  /// Finishes with the database; throws if what was written is not where it belongs.
  package func close() throws { try engine.close() }
}

extension Store.Access {
  var mayCreate: Bool { self == .create || self == .edit }
}
