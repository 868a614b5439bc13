import Scheduling
import Storage
import Terminal

/// Why a command could not do its work, and the sysexits code that says so.
struct Failure: Error {
  static let usage: Int32 = 64
  static let badData: Int32 = 65
  static let unavailable: Int32 = 69
  static let temporary: Int32 = 75

  var code: Int32
  /// For people; texts from outside stand in it as they are.
  var message: String

  init(code: Int32, _ message: String) {
    self.code = code
    self.message = message
  }

  static func usage(_ message: String) -> Failure { Failure(code: usage, message) }

  /// What an error means for whoever ran the command; nil for one that the argument parser explains.
  init?(_ error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let error as StoreError: self.init(code: error.exitCode, error.description)
    case let error as TerminalError: self.init(code: Self.unavailable, error.description)
    case let problem as ImportProblem: self.init(code: problem.exitCode, problem.description)
    case let problem as ExportProblem: self.init(code: problem.exitCode, "standard output: \(problem)")
    default: return nil
    }
  }
}
