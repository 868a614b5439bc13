import Glibc
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
  ///
  /// `body` may run again, from its start, if `isRepeatable`: it hands nothing on before it returns.
  func read<T>(isRepeatable: Bool, _ body: (any Session) throws -> T) throws -> T

  /// Does one transaction, all or nothing, on the disk when this returns; undone if `body` throws.
  ///
  /// `body` runs again, from its start, where the engine asks for it (a serialization failure): what it
  /// computes must follow from what it reads, the clock included (``Session/now()``).
  func write<T>(_ isolation: Isolation, _ body: (any Session) throws -> T) throws -> T

  /// Does one of many transactions that follow each other, and lets others come before the next one.
  ///
  /// It is all or nothing, and on the disk once a later ``write(_:_:)`` is. `body` ends when its turn does.
  func writeInTurn<T>(_ body: (any Session, Turn) throws -> T) throws -> T

  /// Whether nobody else can see the database, and it is gone if this process ends.
  var isAlone: Bool { get }

  /// Shows other processes that this one runs; nil where no lock can do that, or not now.
  func presence() -> (any Presence)?

  /// Whether the process runs that showed itself under a name; nil where that cannot be known, or not now.
  func isRunning(_ process: String) -> Bool?

  /// A mark that differs from an earlier one if anything was written in between, by whomever.
  func version() throws -> StoreVersion

  /// How far the clock that counts is ahead of this machine's, as was seen last, in milliseconds.
  var clockOffset: Duration { get }

  /// Tells of what others write; nil where nobody tells, and ``version()`` is to be asked.
  func changes() -> (any Changes)?

  /// Finishes with the database; throws if what was written is not on the disk.
  func close() throws
}

/// What a write relies on besides being all or nothing.
package enum Isolation: Sendable {
  /// As if nothing else happened meanwhile.
  case serializable
  /// Each statement sees what is committed by then. The write first locks the rows of the phones, or whatever else
  /// decides (``Session/lock(phones:)``), and relies on nothing that others may change under those locks.
  case lockingPhones
}

/// How long one of many transactions may keep others out.
package struct Turn: Sendable {
  private let end: ContinuousClock.Instant?

  /// Nil for as long as it takes.
  init(milliseconds: Int? = nil) { end = milliseconds.map { .now + .milliseconds($0) } }

  package var isOver: Bool { end.map { ContinuousClock.now >= $0 } ?? false }
}

/// Shows other processes that this one runs, until it ends, however it ends.
package protocol Presence: Sendable {
  /// Names this process.
  var name: String { get }
}

/// What others wrote since it was asked last.
package enum News: Equatable, Sendable {
  case nothing
  /// The numbers of the phones that are concerned.
  case phones(Set<String>)
  case anything
}

/// Tells of what others write, as they do it.
package protocol Changes: AnyObject, Sendable {
  /// Can be read when there is news.
  var descriptor: Int32 { get }
  func take() -> News
}

/// A transaction under way.
package protocol Session: AnyObject {
  var dialect: Dialect { get }

  /// What people call the database; see ``Engine/name``.
  var name: String { get }

  /// Runs one statement and says how many rows it changed.
  @discardableResult
  func run(_ sql: String, _ values: [Value]) throws -> Int

  /// The same for a statement whose count nobody needs: it may wait until something is asked, or for the commit.
  func send(_ sql: String, _ values: [Value]) throws

  /// Changes rows of a table, each by values of its own, as ``send(_:_:)`` does: no two of them may be the same row. It
  /// saves a server statements.
  func update(_ update: RowUpdate, _ rows: [[Value]]) throws

  /// Asks several things at once that ``each(_:_:_:)`` will be asked for next, with the same words. It saves journeys to
  /// a server. The answers of a step are known once it begins, until something is changed; what is changed before must
  /// not concern them.
  func prefetch(steps: [[Query]]) throws -> [PrefetchedStep]

  /// Hands each row of an answer to `row`, which is valid only meanwhile. An error of `row` ends the reading.
  func each(_ sql: String, _ values: [Value], _ row: (any ResultRow) throws -> Void) throws

  /// Adds many rows to a table in the quickest way that the engine has; returns how many there were.
  ///
  /// `fill` hands over the values of one row after another, in the order of `columns`. An error leaves a part of the
  /// rows, and the transaction has to be undone. `conflict` says what becomes of a row that is there already, such as
  /// `(id) DO NOTHING`.
  @discardableResult
  func insert(
    into table: String, columns: [String], conflict: String?, _ fill: (any RowWriter) throws -> Void
  ) throws -> Int

  /// Grows with each row that is changed.
  var changes: Int64 { get }

  /// Notes which phone a change concerns, by its number; nil for others, or all.
  func concerns(phone number: String?)

  /// The clock that counts for this database, in milliseconds: the machine's, or the server's.
  func now() throws -> Instant
}

/// Answers that were asked for in advance, of one step of a transaction.
package struct PrefetchedStep {
  /// Lets the transaction know the answers.
  let begin: () -> Void
}

/// A statement that answers, and its parameters.
package typealias Query = (sql: String, values: [Value])

/// What changes one row of a table by values `?1` …, the first of which is its key.
package struct RowUpdate: Sendable {
  let table: String
  /// What a server sets.
  let set: String
  /// The statements for one row.
  let (onFile, onServer): (String, String)

  private static func statement(_ table: String, _ set: String) -> String {
    "UPDATE \(table) SET \(set) WHERE key = ?1"
  }

  init(_ table: String, set: (Dialect) -> String) {
    self.table = table
    self.set = set(.postgresql)
    (onFile, onServer) = (Self.statement(table, set(.sqlite)), Self.statement(table, self.set))
  }
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
package enum Value: Hashable, Sendable {
  case null
  case integer(Int64)
  case text(String)
}

/// How an engine spells what the engines do not share.
package enum Dialect: Sendable {
  case sqlite, postgresql
}

/// This machine's clock.
enum MachineClock {
  static func now() -> Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(time.tv_sec) * 1000 + Instant(time.tv_nsec) / 1_000_000
  }
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

extension Stamp {
  /// The moment that counts for what is saved.
  package var time: Time { isBegun ? .engine : .fixed(at) }

  /// The stamp with the moment that counts, within the transaction that saves.
  func settled(in session: any Session) throws -> Stamp {
    Stamp(author: author, origin: origin, at: try time.instant(in: session))
  }
}
