import ArgumentParser
import Formats
import Storage

struct Check: StoreCommand {
  static let configuration = CommandConfiguration.command(
    "check", "Check the whole database, and name what is damaged.")
  static let examples = ["check", "check --database /var/backups/send-schedule.sqlite"]
  @OptionGroup var shared: SharedOptions

  func run(_ store: Store) throws {
    let problems = try store.check()
    if Store.isOnServer(store.path) {
      Output.complain(
        "send-schedule: the server's own pages were not looked at: that is what pg_amcheck does")
    }
    if shared.json {
      try Output.shared.json { $0.check(problems) }
    } else if problems.isEmpty {
      try Output.shared.line("ok")
    } else {
      for problem in problems { try Output.shared.line(problem) }
    }
    guard problems.isEmpty else {
      throw Failure(code: Failure.badData, "\(Words.count(problems.count, "problem")) found")
    }
  }
}

extension JSONBytes {
  mutating func check(_ problems: [String]) {
    raw("{\"ok\":")
    boolean(problems.isEmpty)
    raw(",\"problems\":[")
    for (index, problem) in problems.enumerated() {
      if index > 0 { raw(",") }
      text(problem)
    }
    raw("]}")
  }
}
