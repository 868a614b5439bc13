import CPostgreSQL
import Dispatch
import Glibc
import Scheduling
import Synchronization

/// Listens for what others tell of their writes, on a connection and a thread of its own. As long as it does, a lock on
/// the server shows others that the program runs, on whichever host (``RunningMark``).
///
/// A connection that breaks is made anew; what was missed meanwhile may be anything.
final class PostgreSQLChanges: Changes {
  private struct State {
    var news = News.nothing
    var isOver = false
  }

  private let ends: (read: Int32, write: Int32)
  private let stop: (read: Int32, write: Int32)
  private let state = Mutex(State())

  var descriptor: Int32 { ends.read }

  init?(_ engine: PostgreSQLEngine) {
    guard let ends = Self.makePipe(), let stop = Self.makePipe() else { return nil }
    (self.ends, self.stop) = (ends, stop)
    let (conninfo, identity) = (engine.conninfo, engine.identity)
    let listener = Listener(conninfo: conninfo, identity: identity, stop: stop.read) { [weak self] news in
      self?.add(news) ?? false
    }
    DispatchQueue(label: "listener").async { listener.run() }
  }

  deinit {
    // The thread has its own end of this one, and closes it.
    close(stop.write)
    close(ends.read)
    close(ends.write)
  }

  func take() -> News {
    var buffer = [UInt8](repeating: 0, count: 64)
    while read(ends.read, &buffer, buffer.count) > 0 {}
    return state.withLock { state in
      defer { state.news = .nothing }
      return state.news
    }
  }

  /// True as long as somebody wants to know.
  private func add(_ news: News) -> Bool {
    state.withLock { $0.news = $0.news.adding(news) }
    var byte: UInt8 = 1
    _ = write(ends.write, &byte, 1)
    return true
  }

  private static func makePipe() -> (read: Int32, write: Int32)? {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    return (ends[0], ends[1])
  }
}

/// The thread that listens.
private struct Listener: Sendable {
  let conninfo: String
  /// Whose notifications are not news.
  let identity: String
  /// Closed at its other end when nobody wants to know any more.
  let stop: Int32
  let tell: @Sendable (News) -> Bool

  /// Pauses between attempts to connect, in milliseconds.
  private static let pause: Int32 = 1_000

  func run() {
    defer { close(stop) }
    while true {
      if let connection = try? PostgreSQLConnection(conninfo),
        (try? connection.command("LISTEN \(PostgreSQLNews.channel)")) != nil,
        (try? RunningMark.set(identity, on: connection)) != nil
      {
        // What was written before may have been missed.
        guard tell(.anything), listen(connection) else { return }
        // Whoever looks now sees that the server is away.
        guard tell(.anything) else { return }
      }
      if isStopped(within: Self.pause) { return }
    }
  }

  /// Tells what comes until the connection breaks; false if nobody wants to know any more.
  private func listen(_ connection: PostgreSQLConnection) -> Bool {
    while true {
      var polls = [
        pollfd(fd: connection.descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: stop, events: Int16(POLLIN), revents: 0),
      ]
      guard poll(&polls, 2, -1) > 0 || errno == EINTR else { return true }
      if polls[1].revents != 0 { return false }
      guard let payloads = try? connection.takeNotifications() else { return true }
      var told = News.nothing
      for payload in payloads { told = told.adding(meaning(of: payload)) }
      if told != .nothing, !tell(told) { return false }
    }
  }

  private func meaning(of payload: String) -> News {
    let words = payload.split(separator: " ").map(String.init)
    guard words.first != identity else { return .nothing }
    return words.count < 2 || words.contains("*") ? .anything : .phones(Set(words.dropFirst()))
  }

  private func isStopped(within milliseconds: Int32) -> Bool {
    var wait = pollfd(fd: stop, events: Int16(POLLIN), revents: 0)
    return poll(&wait, 1, milliseconds) > 0
  }
}

/// The lock that shows that an editor runs: the server releases it however its connection ends. All connections of the
/// editor share it, so that one that kept unsaved work there is known even if no other one got in.
enum RunningMark {
  private static func key(of identity: String) -> Int64 {
    Int64(bitPattern: UInt64(identity, radix: 36) ?? 0)
  }

  /// Shows that the program with an identity runs, as long as the connection lasts.
  static func set(_ identity: String, on connection: PostgreSQLConnection) throws {
    _ = try connection.execute("SELECT pg_advisory_lock_shared(?1)", [.integer(key(of: identity))])
  }

  /// Whether the program with an identity holds it. Just after a start of the server, which ends all connections, those
  /// that run may not have it again.
  static func isHeld(by identity: String, _ session: any Session) throws -> Bool {
    let sql = """
      SELECT CASE WHEN pg_try_advisory_xact_lock(?1)
        AND pg_postmaster_start_time() < clock_timestamp() - INTERVAL '15 seconds' THEN 0 ELSE 1 END
      """
    return try session.integer(sql, [.integer(key(of: identity))]) == 1
  }
}

extension News {
  func adding(_ other: News) -> News {
    switch (self, other) {
    case (.anything, _), (_, .anything): .anything
    case (.nothing, _): other
    case (_, .nothing): self
    case (.phones(let a), .phones(let b)): .phones(a.union(b))
    }
  }
}
