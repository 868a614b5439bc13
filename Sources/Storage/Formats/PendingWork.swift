import Glibc
import Scheduling

/// A process that works on imports, as others see it.
final class PendingWorker {
  private let make: () -> (any Presence)?
  /// Lasts as long as this value.
  private lazy var presence = make()
  /// Names the process; nobody else ever has the same name.
  private(set) lazy var name = presence?.name ?? String(Int64.random(in: 1...Int64.max))

  init(_ make: @escaping () -> (any Presence)?) { self.make = make }

  /// The instant at which it says that it runs; nil where a lock shows that.
  func renewal(_ session: any Session) throws -> Instant? { presence == nil ? try session.now() : nil }
}

/// An import that somebody works on, or left.
private struct PendingImport {
  let number: Int64
  let process: String
  let renewedAt: Instant?
  let isDecided: Bool

  static func all(_ session: any Session) throws -> [PendingImport] {
    let sql = "SELECT number, process, renewed_at, decided_at FROM pending_import ORDER BY number"
    return try session.all(sql) {
      PendingImport(
        number: $0.integer(0), process: $0.text(1), renewedAt: $0.optionalInteger(2),
        isDecided: !$0.isNull(3))
    }
  }

  // Who says from time to time that it runs is gone once it said so long ago. What was decided can be done by two at once,
  // and its messages are not to wait; an import that is not decided begins anew if it is taken away.
  private var patience: Duration { isDecided ? 30 * .second : 15 * .minute }

  /// Whether its process is known to be gone.
  func isLeft(_ engine: any Engine) throws -> Bool {
    if process.isEmpty { return true }
    guard let renewedAt else { return engine.isRunning(process) == false }
    return try abs(engine.read(isRepeatable: true) { try $0.now() } - renewedAt) > patience
  }

  /// Takes it over; false if somebody else did, or its process said meanwhile that it runs.
  func take(_ worker: PendingWorker, _ session: any Session) throws -> Bool {
    try session.run(
      """
      UPDATE pending_import SET process = ?3, renewed_at = ?4
      WHERE number = ?1 AND process = ?2 AND coalesce(renewed_at, 0) = ?5
      """,
      [
        .integer(number), .text(process), .text(worker.name), .optional(worker.renewal(session)),
        .integer(renewedAt ?? 0),
      ]) == 1
  }
}

extension Store {
  /// Goes on with imports that took place and whose processes are gone, and removes what others left; nothing of
  /// those whose processes run, or may run.
  func settleImports() throws {
    guard isWritable else { return }
    let worker = PendingWorker(engine.presence)
    for pending in try read(PendingImport.all) where try pending.isLeft(engine) {
      if try write(.lockingPhones, { try pending.take(worker, $0) }) { try finish(pending.number, worker) }
    }
  }

  private func finish(_ number: Int64, _ worker: PendingWorker) throws {
    do {
      if let removal = try read({ try PhoneRemoval.find(number, $0) }) {
        return try removal.run(in: self, worker)
      }
      guard let decision = try read({ try PendingImports.decision($0, number) }) else {
        return try PendingImports.drop(self, number)
      }
      _ = try ImportQueueing(store: self, decision: decision, worker: worker).run(nil)
    } catch {
      _ = try? PendingImports.leave(self, number, worker)
      throw error
    }
  }

  /// Waits until no import is being queued by anybody, nor a phone removed; `pause` may end the waiting by throwing.
  func awaitImports(withRemovals: Bool = true, _ pause: () throws -> Void = {}) throws {
    func isAny() throws -> Bool {
      try read { try PendingImports.isAnyDecided($0, withRemovals: withRemovals) }
    }
    while try isAny() {
      try settleImports()
      guard try isAny() else { return }
      try pause()
      usleep(20_000)
    }
  }
}
