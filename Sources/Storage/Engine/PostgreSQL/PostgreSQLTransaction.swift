import CPostgreSQL
import Glibc
import Scheduling

/// How a transaction begins.
enum PostgreSQLTransaction {
  case reading, lockingPhones, serializable

  init(_ isolation: Isolation) {
    self =
      switch isolation {
      case .serializable: .serializable
      case .lockingPhones: .lockingPhones
      }
  }

  var isForWriting: Bool { self != .reading }

  /// One that reads locks nothing, and may take its time.
  var statements: [Statement] {
    let statements =
      switch self {
      case .reading:
        [
          "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
          "SET LOCAL idle_in_transaction_session_timeout = 0",
        ]
      case .lockingPhones: ["BEGIN ISOLATION LEVEL READ COMMITTED"]
      case .serializable: ["BEGIN ISOLATION LEVEL SERIALIZABLE"]
      }
    return statements.map { Statement(sql: $0) }
  }
}

/// What a transaction changed, for those who follow the database.
struct PostgreSQLNews {
  /// Rows changed.
  var rows = 0
  /// The numbers of the phones that alone are concerned; nil for anything.
  var phones: Set<String>? = []

  var isEmpty: Bool { rows == 0 }

  /// The channel on which writers tell of what they wrote.
  static let channel = "send_schedule"
  /// More phones than these are not told one by one: a payload has less than 8,000 bytes.
  private static let mostPhones = 200

  /// Tells who wrote, then the numbers; `*` for anything.
  func notification(identity: String) -> Statement {
    var words = [identity, "*"]
    if let phones, !phones.isEmpty, phones.count <= Self.mostPhones { words = [identity] + phones.sorted() }
    return Statement(
      sql: "SELECT pg_notify('\(Self.channel)', ?1)", values: [.text(words.joined(separator: " "))])
  }
}

/// How the server says what became of a transaction whose connection was lost in the commit.
protocol CommitProof: AnyObject {
  var isForWriting: Bool { get }
  /// What begins a transaction; ``began(_:)`` gets the answer to the last of it.
  func opening(_ kind: PostgreSQLTransaction) -> [Statement]
  func began(_ answer: PostgreSQLConnection.Answer)
  /// What goes before the commit of a transaction that changed something.
  var beforeCommit: [Statement] { get }
  /// Whether the last transaction took place, which is certain once this returns.
  func wasCommitted(askingOn connection: PostgreSQLConnection) throws -> Bool
}

/// The server's own record of transactions.
final class TransactionStatus: CommitProof {
  private(set) var isForWriting = false
  private var transaction: Int64 = 0
  private var process: Int64 = 0

  func opening(_ kind: PostgreSQLTransaction) -> [Statement] {
    isForWriting = kind.isForWriting
    transaction = 0
    guard isForWriting else { return kind.statements }
    return kind.statements + [Statement(sql: "SELECT txid_current(), pg_backend_pid()")]
  }

  func began(_ answer: PostgreSQLConnection.Answer) {
    guard isForWriting, answer.count == 1 else { return }
    let row = PostgreSQLRow(answer)
    (transaction, process) = (row.integer(0), row.integer(1))
  }

  let beforeCommit: [Statement] = []

  func wasCommitted(askingOn connection: PostgreSQLConnection) throws -> Bool {
    guard transaction != 0 else { return false }
    // What is still on its way to the old session must not be carried out later.
    _ = try? connection.execute("SELECT pg_terminate_backend(CAST(?1 AS INTEGER))", [.integer(process)])
    while true {
      let answer = try connection.execute("SELECT txid_status(?1)", [.integer(transaction)])
      let status = answer.count == 1 ? PostgreSQLRow(answer).text(0) : ""
      if status != "in progress" { return status == "committed" }
      usleep(20_000)
    }
  }
}

/// A row that each commit of a connection writes. It serves where the server keeps no such record for us.
final class CommitMark: CommitProof {
  private let name = String(UInt64.random(in: .min ... .max), radix: 36)
  private var number: Int64 = 0
  private(set) var isForWriting = false

  func opening(_ kind: PostgreSQLTransaction) -> [Statement] {
    isForWriting = kind.isForWriting
    if isForWriting { number += 1 }
    return kind.statements
  }

  func began(_ answer: PostgreSQLConnection.Answer) {}

  /// Fails, and with it the transaction, if it was given up for lost meanwhile.
  var beforeCommit: [Statement] {
    [
      Statement(
        sql: """
          INSERT INTO commit_mark (name, number) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE
            SET number = excluded.number
              * CAST(CASE WHEN commit_mark.lost >= excluded.number THEN 'lost' ELSE '1' END AS BIGINT)
          """, values: [.text(name), .integer(number)])
    ]
  }

  func wasCommitted(askingOn connection: PostgreSQLConnection) throws -> Bool {
    // Waits for the old transaction, or makes it fail if its end is still on its way.
    _ = try connection.execute(
      """
      INSERT INTO commit_mark (name, number, lost) VALUES (?1, 0, ?2)
      ON CONFLICT (name) DO UPDATE SET lost = excluded.lost
      """, [.text(name), .integer(number)])
    let answer = try connection.execute("SELECT number FROM commit_mark WHERE name = ?1", [.text(name)])
    return answer.count == 1 && PostgreSQLRow(answer).integer(0) >= number
  }

  /// Forgets the marks of connections that are long gone.
  static func forgetOld(on connection: PostgreSQLConnection) throws {
    try connection.command("DELETE FROM commit_mark WHERE made_at < now() - INTERVAL '1 day'")
  }
}
