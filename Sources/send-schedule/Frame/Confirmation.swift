import Glibc

/// Asks before something is destroyed.
enum Confirmation {
  /// Says what goes and asks on a terminal; elsewhere it throws unless `--yes` was given.
  ///
  /// `what` is a sentence without a full stop.
  static func require(_ what: String, yes: Bool) throws {
    if yes { return }
    guard isatty(STDIN_FILENO) != 0, isatty(STDERR_FILENO) != 0 else {
      throw Failure(code: Failure.usage, "\(what); nothing was changed: say so with --yes", hint: "")
    }
    try Output.shared.flush()
    Output.ask("\(what). Go on? [y/N] ")
    guard let answer = readLine(), ["y", "yes"].contains(answer.lowercased()) else {
      throw Failure(code: Failure.temporary, "nothing was changed")
    }
  }
}
