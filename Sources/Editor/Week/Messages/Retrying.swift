import Canvas
import Scheduling

/// Failed messages of a phone that are to wait again.
package struct RetryRequest: Equatable, Sendable {
  package var phoneID: String
  /// Nil for all of them.
  package var keys: [Int64]?
  /// What was searched to find them; empty for all.
  package var text = ""

  package init(phoneID: String, keys: [Int64]? = nil, text: String = "") {
    (self.phoneID, self.keys, self.text) = (phoneID, keys, text)
  }
}

/// What retrying failed messages would do.
package struct RetryWeighing: Equatable, Sendable {
  package var request: RetryRequest
  /// Those that would wait again.
  package var keys: [Int64]
  /// How many have expired, and cannot.
  package var expired: Int
  /// When the first and the last of them would go out; nil if none does.
  package var first: Instant?
  package var last: Instant?
  /// How many of them would not.
  package var unsent = 0

  package init(request: RetryRequest, keys: [Int64], expired: Int) {
    (self.request, self.keys, self.expired) = (request, keys, expired)
  }
}

/// Failed messages of a phone that wait again, and what they were.
package struct RetriedMessages: Equatable, Sendable {
  package var phoneID: String
  package var keys: [Int64]
  /// What it did to each of them; empty until it is done, and of more than ``mostUndone``.
  package var edits: [MessageChange.Effect] = []
  /// How many it was done to, or taken back of.
  package var count = 0

  init(phoneID: String, keys: [Int64]) { (self.phoneID, self.keys) = (phoneID, keys) }

  /// Of more than these nobody remembers what they were.
  package static let mostUndone = 10_000
}

/// How far it is that messages are retried, or that this is taken back.
package struct RetryStep: LongStep, Equatable {
  package var kind: StepKind
  /// How many were looked at, of how many.
  package var looked = 0
  package var count: Int

  package init(_ kind: StepKind, looked: Int = 0, of count: Int) {
    (self.kind, self.looked, self.count) = (kind, looked, count)
  }

  var title: String {
    let messages = Words.count(count, "message")
    return kind == .undo ? "Undoing the retry of \(messages)" : "Retrying \(messages)"
  }

  /// What is taken back would be half undone.
  var stop: Effect? { kind == .undo ? nil : .endRetry }
  var remark: String? { kind == .undo ? nil : "If you stop it, those that wait again by then stay so." }
  func words(_ glyphs: Glyphs) -> String {
    "\(looked * 100 / max(1, count)) %: \(Words.count(looked)) of \(Words.count(count))"
  }
}

/// The messages to which what was asked for was not done.
package struct RetryRest: Equatable, Sendable {
  /// How many there are.
  package var count: Int
  /// It was stopped before they were all looked at.
  package var isStopped: Bool

  package init(count: Int, isStopped: Bool = false) { (self.count, self.isStopped) = (count, isStopped) }
}

extension Context {
  /// Retries messages, takes that back or does it again.
  mutating func retry(_ retried: RetriedMessages, _ kind: StepKind) {
    retrying = RetryStep(kind, of: retried.keys.count)
    perform(.retryMessages(retried, kind))
  }

  /// Whether messages are being retried; says so.
  mutating func isStillRetrying() -> Bool {
    if let retrying {
      say(.info, "\(retrying.title) is still under way, \(retrying.words(glyphs))")
    }
    return retrying != nil
  }
}

extension WeekScreen {
  /// Asks whether all failed messages are to wait again, or those that were found among them.
  mutating func retryAll(_ context: inout Context) {
    guard !context.refusesToEdit() else { return }
    guard !context.isStillRetrying() else { return }
    let found = forecast.others.flatMap { $0.group == .failed && !$0.found.isEmpty ? $0 : nil }
    context.perform(
      .weighRetry(
        RetryRequest(phoneID: phone.id, keys: found?.found.sorted(), text: found?.search ?? "")))
  }

  /// Where there is something to retry.
  func retryHint(_ context: Context) -> [Hint] {
    guard let others = forecast.others, others.group == .failed, others.count > 0 else { return [] }
    return context.settings.isReadOnly ? [] : [Hint("a", "retry all")]
  }

  /// Asks whether they are to be retried, now that it is known what that would do.
  mutating func ask(about weighing: RetryWeighing, _ context: inout Context) {
    let text = weighing.request.text
    guard !weighing.keys.isEmpty else {
      let none =
        text.isEmpty ? "No message has failed" : "No failed message has “\(harmless(text))” in it any more"
      return context.say(
        .info,
        weighing.expired == 0
          ? none
          : "\(Words.count(weighing.expired, "failed message")) expired meanwhile, and cannot be retried")
    }
    let count = weighing.keys.count
    let which = text.isEmpty ? "" : " with “\(harmless(text))”"
    var options: [Question.Option] = [
      .inWeek("y", count == 1 ? "retry it" : "retry them") { week, context in
        context.retry(RetriedMessages(phoneID: week.phone.id, keys: weighing.keys), .make)
        context.say(.info, "Retrying \(Words.count(count, "message")) \(context.glyphs.ellipsis)")
      }
    ]
    if !text.isEmpty {
      options.append(
        .inWeek("a", "all that failed") { week, context in
          context.perform(.weighRetry(RetryRequest(phoneID: week.phone.id)))
        })
    }
    context.present(
      Question(
        "Retry \(Words.count(count, "failed message"))\(which)?", lines: lines(of: weighing, context),
        options: options))
  }

  private func lines(of weighing: RetryWeighing, _ context: Context) -> [String] {
    let moment = sentenceMoment(context)
    let count = weighing.keys.count
    var lines: [String] = []
    if let first = weighing.first, let last = weighing.last {
      lines.append(
        count - weighing.unsent == 1
          ? "\(count == 1 ? "It" : "One of them") would go out \(moment(first))."
          : "The first would go out \(moment(first)), the last \(moment(last)).")
    }
    if weighing.unsent > 0 {
      let isNone = weighing.unsent == count
      lines.append(
        isNone && count > 1
          ? "None of them would go out."
          : "\(isNone ? "It" : "\(Words.count(weighing.unsent)) of them") would not go out.")
    }
    if weighing.expired > 0 {
      let which = weighing.expired == 1 ? "One more" : "\(Words.count(weighing.expired)) more"
      lines.append("\(which) expired meanwhile, and \(weighing.expired == 1 ? "stays" : "stay") failed.")
    }
    if isChanged { lines.append("What is not saved here does not count for that.") }
    lines.append(
      count > RetriedMessages.mostUndone
        ? "It cannot be undone: these are more than \(Words.count(RetriedMessages.mostUndone))."
        : "u undoes it, but for those that are handed out by then.")
    return lines
  }

  /// Many messages were retried, or that was taken back.
  mutating func receive(
    _ retried: RetriedMessages, _ kind: StepKind, _ rest: RetryRest, _ context: inout Context
  ) {
    let isUndoable = kind != .undo && !retried.edits.isEmpty
    switch kind {
    case .make: if isUndoable { outside.record(.retries(retried), depth: history.depth) }
    case .redo: outside.redone(.retries(retried))
    case .undo: break
    }
    let undoes = isUndoable && (kind == .make || rest.isStopped) ? "; u undoes" : ""
    context.say(
      retried.count == 0 ? .info : .good, retried.inWords(kind, rest).capitalisedFirst + undoes)
  }
}

extension RetriedMessages {
  /// What was done: `12 failed messages wait again`.
  func inWords(_ kind: StepKind, _ rest: RetryRest) -> String {
    let (left, one) = (rest.count, count == 1)
    if rest.isStopped {
      let which = "\(Words.count(count)) of \(Words.count(count + left, "message"))"
      return "stopped: \(which) \(one ? "waits" : "wait") again"
    }
    let waits = "\(Words.count(count, "failed message")) \(one ? "waits" : "wait") again"
    switch kind {
    case .make:
      return waits + (left == 0 ? "" : "; \(Words.count(left)) had not failed any more, or expired")
    case .undo:
      let rest =
        left == 0 ? "" : "; \(Words.count(left)) went on meanwhile, and \(left == 1 ? "is" : "are") left"
      return "undone: \(Words.count(count, "message")) \(one ? "is" : "are") failed again\(rest)"
    case .redo: return "done again: \(waits)"
    }
  }
}
