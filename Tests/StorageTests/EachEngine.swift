import Foundation
import Scheduling
import Synchronization
import Testing
import TimeZones

@testable import Storage

/// Runs each test of a suite on SQLite, and then on PostgreSQL where there is a server: `Store.inMemory()` makes the
/// stores of the engine whose turn it is.
struct EachEngine: SuiteTrait, TestTrait, TestScoping {
  let isRecursive = true

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    try await function()
    guard PostgreSQLServer.isThere else { return }
    let server = TestServer()
    do {
      try await TestServer.$current.withValue(server) { try await function() }
    } catch {
      Issue.record(error, "on PostgreSQL")
    }
    server.dropAll()
  }
}

extension Trait where Self == EachEngine {
  static var eachEngine: EachEngine { EachEngine() }
}

/// The databases that one test made on the server.
final class TestServer: Sendable {
  /// Nil while a test runs on SQLite.
  @TaskLocal static var current: TestServer?

  private let names = Mutex<[String]>([])

  /// A database with an empty schema, which is copied.
  private static let template: Result<String, any Error> = Result {
    let conninfo = try PostgreSQLServer.database()
    try Store.open(conninfo, for: .create).close()
    return URLComponents(string: conninfo)?.path.replacing("/", with: "") ?? ""
  }
  private static let making = Mutex(())

  func store() throws -> Store {
    // Nobody else may copy the template at the same time.
    let conninfo = try Self.making.withLock { _ in
      try PostgreSQLServer.database(template: Self.template.get())
    }
    names.withLock { $0.append(URLComponents(string: conninfo)?.path.replacing("/", with: "") ?? "") }
    return try Store.open(conninfo, for: .create)
  }

  func dropAll() {
    guard let connection = try? PostgreSQLConnection(PostgreSQLServer.conninfo ?? "") else { return }
    for name in names.withLock({ $0 }) {
      try? connection.command("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
    }
  }
}
