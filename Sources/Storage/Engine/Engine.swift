import Scheduling

/// One database that holds the gateway: it runs statements and transactions.
///
/// SQL is written once, in what the engines share, with parameters `?1`, `?2` …; where they differ, the
/// statement asks ``dialect``. Everything throws ``StoreError``.
package protocol Engine: Sendable {
  var dialect: Dialect { get }

  /// Does several reads on one state of the database.
  func read<T>(_ body: (any Session) throws -> T) throws -> T

  /// Does one transaction, all or nothing, on the disk when this returns; undone if `body` throws.
  ///
  /// `body` runs again, from its start, where the engine asks for it (a serialization failure): what it
  /// computes must follow from what it reads, the clock included (``Session/now()``).
  func write<T>(_ body: (any Session) throws -> T) throws -> T
}

/// A transaction under way.
package protocol Session: AnyObject {
  var dialect: Dialect { get }

  /// Runs one statement and says how many rows it changed.
  @discardableResult
  func run(_ sql: String, _ values: [Value]) throws -> Int

  /// Hands each row of an answer to `row`, which is valid only meanwhile.
  func each(_ sql: String, _ values: [Value], _ row: (any ResultRow) throws -> Void) throws

  /// The clock that counts for this database, in milliseconds: the machine's, or the server's.
  func now() throws -> Instant
}

/// The columns of one row, from 0.
package protocol ResultRow: AnyObject {
  func isNull(_ column: Int) -> Bool
  /// 0 for NULL.
  func integer(_ column: Int) -> Int64
  /// Empty for NULL.
  func text(_ column: Int) -> String
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
