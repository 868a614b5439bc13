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

  /// The worst, and the same shorter.
  func worstWarningInWords(_ context: Context) -> [String] {
    guard let worst = forecast.warnings?.first else { return [] }
    return [worst.words(moment: sentenceMoment(context)), worst.brief].compactMap {
      $0.map { "\(context.glyphs.warning) \($0.capitalisedFirst)" }
    }
  }

  /// What is to be read besides the worst, and the same shorter.
  var moreWarningsInWords: [String] {
    let others = (forecast.warnings?.count ?? 0) - 1
    return others > 0 ? [Words.count(others, "more warning"), "\(Words.count(others)) more"] : ["read more"]
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
  /// What matters of it; nil where all of it does.
  fileprivate var brief: String? {
    switch self {
    case .noClock(let problem): TimeZoneError.consequence(of: problem.brief)
    case .waits(let count, _): "\(Words.count(count, "message")) would wait longer than a day"
    case .windowSkipped(let date, let window, _):
      "\(Words.date(.day(date))): the clock skips \(Words.times([window]))"
    case .grows: "the queue grows: more messages arrive than can go out"
    case .expires, .never, .staysClosed: nil
    }
  }

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
