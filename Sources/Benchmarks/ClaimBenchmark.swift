import Foundation
import Scheduling
import Storage
import TimeZones

/// Claims a second, by one process and by eight, beside the same statements typed into the `sqlite3` shell.
enum ClaimBenchmark {
  private static let phone = "+18005550199"
  private static let now: Instant = 1_772_438_400_000

  static func run(_ arguments: [String]) throws {
    let count = arguments.first.flatMap(Int.init) ?? 4_000
    let directory = NSTemporaryDirectory() + "send-schedule-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    print("\(count) claims each, 100,000 messages waiting, every commit on the disk")
    let shell = try measure(directory + "/shell.sqlite") { try runShell($0, count: count) }
    let one = try measure(directory + "/one.sqlite") { try claim($0, count: count) }
    let eight = try measure(directory + "/eight.sqlite") { try runProcesses($0, processes: 8, count: count) }
    for (name, seconds) in [("sqlite3 shell", shell), ("one process", one), ("eight processes", eight)] {
      let rate = Double(count) / seconds
      print("\(name): \(Int(rate)) claims/s, \(String(format: "%.2f", shell / seconds)) times the shell's")
    }
  }

  /// One of several processes: claims until its share is done.
  static func work(_ arguments: [String]) throws {
    guard arguments.count == 2, let count = Int(arguments[1]) else { return }
    try claim(arguments[0], count: count)
  }

  private static func measure(_ path: String, _ body: (String) throws -> Void) throws -> Double {
    let store = try Store.open(path, for: .create, zones: TimeZoneDatabase.system)
    try store.addPhone(Phone(id: "phone", number: phone, messagesPerMinute: 0))
    let messages = (0..<100_000).lazy.map { NewMessage(contact: "+18005550100", content: "message \($0)") }
    try store.addMessages(messages, to: phone, at: .fixed(now))
    let clock = ContinuousClock()
    let time = try clock.measure { try body(path) }
    let left = try store.state(of: phone, now: now).waiting
    print("  \(100_000 - left) handed out")
    return Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
  }

  private static func claim(_ path: String, count: Int) throws {
    let store = try Store.open(path, for: .write, zones: TimeZoneDatabase.system)
    for _ in 0..<count { _ = try store.claim(phone: phone, lease: .hour, at: .fixed(now)) }
  }

  private static func runProcesses(_ path: String, processes: Int, count: Int) throws {
    let running = try (0..<processes).map { _ in
      try Process.run(
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath(),
        arguments: ["claims-worker", path, "\(count / processes)"])
    }
    for process in running { process.waitUntilExit() }
  }

  private static func runShell(_ path: String, count: Int) throws {
    let statement = """
      BEGIN IMMEDIATE;
      SELECT id, number, messages_per_minute, max_send_attempts, schedule_id FROM phone WHERE number = '\(phone)';
      SELECT max(send_time) FROM message WHERE phone_key = 1 AND send_time IS NOT NULL;
      UPDATE message SET status = 'sending', last_attempted_at = \(now), send_time = \(now),
        lease_expires_at = \(now + .hour), send_attempt_count = send_attempt_count + 1
        WHERE key = (SELECT key FROM message WHERE phone_key = 1 AND is_exact = 0
          AND (status = 'pending' OR status = 'scheduled' OR status = 'expired')
          ORDER BY ready_at, queued_at, key LIMIT 1)
        RETURNING id, contact, content, send_attempt_count;
      UPDATE phone SET waiting = waiting - 1 WHERE key = 1;
      INSERT INTO queue_change (phone_key, message_key) VALUES (1, 1);
      COMMIT;

      """
    let script = path + ".sql"
    let text = "PRAGMA synchronous = FULL;\n.output /dev/null\n" + String(repeating: statement, count: count)
    try text.write(toFile: script, atomically: false, encoding: .utf8)
    let process = try Process.run(
      URL(fileURLWithPath: "/usr/bin/env"), arguments: ["sqlite3", path, ".read \(script)"])
    process.waitUntilExit()
  }
}
