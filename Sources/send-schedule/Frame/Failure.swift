import Formats
import Scheduling
import Storage
import Terminal

/// Why a command could not do its work, and the sysexits code that says so.
struct Failure: Error {
  static let usage: Int32 = 64
  static let badData: Int32 = 65
  static let noInput: Int32 = 66
  static let unavailable: Int32 = 69
  static let inputOutput: Int32 = 74
  static let temporary: Int32 = 75
  /// What a shell reports of a program that SIGPIPE ended.
  static let closedPipe: Int32 = 141

  var code: Int32
  /// For people; texts from outside stand in it as they are. Empty if nothing needs to be said.
  var message: String
  /// Lines after the message that help on; nil if the command may add its own.
  var hint: String?

  init(code: Int32, _ message: String, hint: String? = nil) {
    self.code = code
    self.message = message
    self.hint = hint
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

extension Failure: CustomStringConvertible {
  var description: String { message }
}
