import Canvas
import Scheduling

/// What an administrator should know before it happens: a calm line, and a page that says more.
extension WeekScreen {
  /// Finds them again where what they are about has changed.
  mutating func findWarnings() {
    // How long messages wait is known when all of them are read.
    guard forecast.warnings == nil, let plan, plan.queue.isWhole else { return }
    forecast.warnings = plan.warnings(arrivals: forecast.arrivals, forecast: forecast.draft)
  }

  /// The worst, and how many more there are; nil where there are none.
  func warningInWords(_ context: Context) -> String? {
    guard let warnings = forecast.warnings, let worst = warnings.first else { return nil }
    let others = warnings.count > 1 ? ", and \(Words.count(warnings.count - 1, "more warning"))" : ""
    return
      "\(context.glyphs.warning) \(worst.brief(moment: sentenceMoment(context)).capitalisedFirst)\(others)"
  }

  func showWarnings(_ context: inout Context) {
    guard let warnings = forecast.warnings else { return context.say(.info, "The queue is still loading") }
    guard !warnings.isEmpty else { return context.say(.info, "Nothing to warn of") }
    let moment = sentenceMoment(context)
    let lines = warnings.flatMap { warning in
      [
        ReadingBox.Line(
          key: context.glyphs.warning, text: "\(warning.words(moment: moment).capitalisedFirst)."),
        ReadingBox.Line(key: " ", text: warning.advice, role: .dim), ReadingBox.Line(text: ""),
      ]
    }
    context.present(Reading(ReadingBox(title: "Warnings", lines: Array(lines.dropLast()))))
  }
}

extension Warning {
  /// What can be done about it.
  fileprivate var advice: String {
    switch self {
    case .noClock: "Install or update the package tzdata, or choose another zone: z."
    case .waits: "e says of each message why; :empty by fri 17:00 proposes hours or a rate."
    case .expires:
      "At their expiry they fail, and are not sent. e on one of them says what would make it sooner."
    case .never: "No open hour has room for them within five years. Allow hours, or release the phone."
    case .staysClosed: "Nothing goes out until then. Paint allowed hours, or give closed dates back with X."
    case .windowSkipped:
      "On that date nothing goes out in this window. Allow another hour on that date: x, then paint."
    case .grows:
      "As many as in the last seven days will not go out in a week. Longer hours or a higher rate are needed."
    }
  }
}

/// Lines to be read, which any key closes that does not scroll.
struct Reading: Modal {
  private var box: ReadingBox

  init(_ box: ReadingBox) { self.box = box }

  mutating func press(_ key: Key, _ editor: inout Editor) -> ModalStay {
    box.press(key, editor.size) ? .stays : .closes
  }

  func draw(on canvas: inout Canvas, _ context: Context) {
    box.draw(footer: [Hint("Esc", "close")], on: &canvas, context)
  }
}
