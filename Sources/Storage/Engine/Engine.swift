import Scheduling

/// One database that holds the gateway: it runs statements and transactions.
///
/// SQL is written once, in what the engines share, with parameters `?1`, `?2` …; where they differ, the
/// statement asks ``dialect``. Everything throws ``StoreError``.
package protocol Engine: Sendable {
  var dialect: Dialect { get }

  /// What people call the database in an error: the file's path, or the server's address without a password.
  var name: String { get }

  /// Does several reads on one state of the database.
  func read<T>(_ body: (any Session) throws -> T) throws -> T

  /// Does one transaction, all or nothing, on the disk when this returns; undone if `body` throws.
  ///
  /// `body` runs again, from its start, where the engine asks for it (a serialization failure): what it
  /// computes must follow from what it reads, the clock included (``Session/now()``).
  func write<T>(_ body: (any Session) throws -> T) throws -> T

  /// A mark that differs from an earlier one if anything was written in between, by whomever.
  func version() throws -> StoreVersion

  /// Finishes with the database; throws if what was written is not on the disk.
  func close() throws
}

/// A transaction under way.
package protocol Session: AnyObject {
  var dialect: Dialect { get }

  /// What people call the database; see ``Engine/name``.
  var name: String { get }

  /// Runs one statement and says how many rows it changed.
  @discardableResult
  func run(_ sql: String, _ values: [Value]) throws -> Int

  /// Hands each row of an answer to `row`, which is valid only meanwhile. An error of `row` ends the reading.
  func each(_ sql: String, _ values: [Value], _ row: (any ResultRow) throws -> Void) throws

  /// Adds many rows to a table in the quickest way that the engine has; returns how many there were.
  ///
  /// `fill` hands over the values of one row after another, in the order of `columns`.
  @discardableResult
  func insert(into table: String, columns: [String], _ fill: (any RowWriter) throws -> Void) throws -> Int

  /// The clock that counts for this database, in milliseconds: the machine's, or the server's.
  func now() throws -> Instant
}

/// Takes rows value by value; see ``Session/insert(into:columns:_:)``.
package protocol RowWriter: AnyObject {
  func null()
  func integer(_ value: Int64)
  func text(_ value: String)
  /// UTF-8, which is copied.
  func text(_ value: UnsafeBufferPointer<UInt8>)
  /// Ends a row of which all values are there.
  func endRow() throws
}

/// The columns of one row, from 0.
package protocol ResultRow: AnyObject {
  func isNull(_ column: Int) -> Bool
  /// 0 for NULL.
  func integer(_ column: Int) -> Int64
  /// Empty for NULL.
  func text(_ column: Int) -> String
  /// The UTF-8 of a text while `body` runs; empty for NULL.
  func withText<T>(_ column: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> T) rethrows -> T
}

/// A parameter of a statement.
package enum Value: Equatable, Sendable {
  case null
  case integer(Int64)
  case text(String)
}

/// How an engine spells what the engines do not share.
package enum Dialect: Sendable {
  case sqlite, postgresql
}

/// The moment at which something happens.
package enum Time: Equatable, Sendable {
  /// The engine's clock, read inside the transaction.
  case engine
  /// A moment that somebody asks about, whatever the clock says.
  case fixed(Instant)

  /// The moment, within a transaction.
  package func instant(in session: any Session) throws -> Instant {
    switch self {
    case .engine: try session.now()
    case .fixed(let instant): instant
    }
  }
}
