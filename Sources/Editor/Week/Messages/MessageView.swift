import Canvas
import Scheduling

/// A whole message: what it says, where it stands, what happened to it, and what can be done with it.
struct MessageView: Modal {
  let details: MessageDetails
  private var box: ReadingBox
  private var message: Message { details.message }

  init(_ details: MessageDetails, _ week: WeekScreen, _ context: Context) {
    self.details = details
    box = ReadingBox(
      title: "Message to \(harmless(details.message.contact))",
      lines: MessageText.lines(details, week, context))
  }

  mutating func press(_ key: Key, _ editor: inout Editor) -> ModalStay {
    switch key {
    case .character("x") where message.status.isWaiting: change(.cancel, &editor)
    case .character("r") where message.status == .failed || message.status == .canceled:
      change(.retry, &editor)
    case .character("m") where message.status.isWaiting: change(.mark(exact: !message.isExact), &editor)
    case .character("t") where message.status.isWaiting:
      guard !editor.context.refusesToEdit() else { return .stays }
      editor.week?.promptForTime(of: message, &editor.context)
    case .character("e") where message.status.isWaiting: editor.week?.explain(&editor.context)
    default: return box.press(key, editor.size) ? .stays : .closes
    }
    return .closes
  }

  private func change(_ action: MessageChange.Action, _ editor: inout Editor) {
    guard !editor.context.refusesToEdit() else { return }
    editor.context.perform(
      .changeMessage(MessageChange(id: message.id, contact: message.contact, action: action), .make))
  }

  func draw(on canvas: inout Canvas, _ context: Context) {
    var keys: [Hint] = []
    if message.status.isWaiting { keys.append(Hint("e", "why")) }
    if !context.settings.isReadOnly {
      if message.status.isWaiting {
        keys += [
          Hint("x", "cancel it"), Hint("t", "another time"),
          Hint("m", message.isExact ? "not exact" : "exact"),
        ]
      } else if message.status == .failed || message.status == .canceled {
        keys.append(Hint("r", "retry"))
      }
    }
    box.draw(footer: keys + [Hint("Esc", "close")], on: &canvas, context)
  }
}

extension MessageText {
  /// The text of a message, its state and its history as lines.
  fileprivate static func lines(_ details: MessageDetails, _ week: WeekScreen, _ context: Context)
    -> [ReadingBox.Line]
  {
    let message = details.message
    let moment = week.sentenceMoment(context)
    let field = { (name: String, text: String) in
      ReadingBox.Line(
        key: name + String(repeating: " ", count: 10 - name.count), text: text, indent: 0)
    }
    var lines = message.content.split(separator: "\n", omittingEmptySubsequences: false).map {
      ReadingBox.Line(text: harmless(String($0)), indent: 0)
    }
    lines += [ReadingBox.Line(text: ""), field("state", week.stateInWords(of: message, context))]
    if let sendAt = message.sendAt { lines.append(field("not before", moment(sendAt))) }
    if let expiresAt = message.expiresAt { lines.append(field("expires", moment(expiresAt))) }
    if message.isExact { lines.append(field("exact", "hours, rate and the day's limit do not count for it")) }
    let attempts = message.maxSendAttempts ?? week.phone.maxSendAttempts
    lines.append(field("attempts", "\(message.sendAttemptCount) of \(attempts)"))
    lines.append(field("id", harmless(message.id)))
    lines += [ReadingBox.Line(text: ""), ReadingBox.Line(text: "What happened:", role: .dim)]
    return lines + details.events.map { ReadingBox.Line(text: words(for: $0, moment), indent: 4) }
  }

  /// `Thu 26 Mar 09:12  claimed by gateway-1, attempt 1`.
  private static func words(for event: MessageEvent, _ moment: (Instant) -> String) -> String {
    let by = event.by.isEmpty ? "" : " by \(harmless(event.by))"
    let attempt = event.attempt.map { ", attempt \($0)" } ?? ""
    let reason = event.reason.map { ": \(harmless($0))" } ?? ""
    return "\(moment(event.at))  \(event.kind.words)\(by)\(attempt)\(reason)"
  }
}

extension MessageEvent.Kind {
  fileprivate var words: String {
    switch self {
    case .lapsed: "its claim ran out without a report"
    case .extended: "claim made longer"
    case .released: "given back"
    case .retried: "put back into the queue"
    case .rescheduled: "given another time"
    default: rawValue
    }
  }
}

extension WeekScreen {
  /// `waits, goes out Thu 26 Mar 09:20:30 (rate)`; `failed: modem busy`.
  fileprivate func stateInWords(of message: Message, _ context: Context) -> String {
    let moment = sentenceMoment(context)
    switch message.status {
    case .sending:
      let until = message.leaseExpiresAt.map { ", until \(moment($0)) unless it is reported on" } ?? ""
      return "claimed\(message.lastAttemptedAt.map { " \(moment($0))" } ?? "")\(until)"
    case .failed: return "failed\(message.failureReason.map { ": \(harmless($0))" } ?? "")"
    case .sent, .delivered:
      return
        "\(message.status.rawValue)\((message.sentAt ?? message.lastAttemptedAt).map { " \(moment($0))" } ?? "")"
    case .canceled: return "canceled"
    case .pending, .scheduled, .expired:
      guard let draft = forecast.draft, let entry = draft.entry(at: forecast.selected),
        forecast.text(of: entry.message)?.id == message.id
      else { return "waits" }
      let time = entry.sendAt.map { "goes out \(moment($0))" } ?? "does not go out"
      return "waits, \(time) (\(entry.cause.rawValue))"
    }
  }

  /// Asks when a message is to go out at the earliest.
  func promptForTime(of message: Message, _ context: inout Context) {
    let clock = clock(context)
    let offered = message.sendAt.map { Timestamp.local($0, offset: clock.offset(at: $0)) } ?? ""
    context.present(
      Prompt.inWeek(
        "Not before (empty: when its turn comes): ", text: offered,
        hints: [Hint("thu 10:00", ""), Hint("tomorrow 8", ""), Hint("in 2 h", "")]
      ) { text, week, context throws(Problem) in
        var sendAt: Instant?
        if !text.trimmingBlanks.isEmpty {
          sendAt = try Problem.from { () throws(NotationError) in
            try MomentNotation.parse(text.trimmingBlanks, now: context.now, timeline: clock)
          }
        }
        context.perform(
          .changeMessage(
            MessageChange(
              id: message.id, contact: message.contact, action: .reschedule(to: sendAt)),
            .make))
      })
  }
}
