import Canvas
import Scheduling

/// The line below the title: the schedule, its zone, the rate, how many phones it serves; on the right whether the phone
/// may send now.
///
/// Where it is too long, what matters less gives way first: the name, the zone but for its city, long words of the rate,
/// a hold's reason, which is worth more than the zone. The rate, the number of phones and the state stay.
struct ScheduleLine {
  var name: String
  /// Nil without a schedule.
  var zone: String?
  var rate: Limits
  /// How many phones the schedule serves; nil where that is not worth a word.
  var phones: String?
  var state: State

  /// The phone's limits, in words and shorter.
  struct Limits {
    var words: String
    /// ` (40 today)`.
    var today: String
    var short: () -> String
  }

  /// Whether the phone may send now, and what may be left out of that.
  struct State {
    var text: String
    /// ` (modem repair)`, why it is held.
    var reason = ""
    /// The text where nothing else gives way any more.
    var short: String?
    var role: Role
  }

  /// The narrowest that a name gets: before anything else gives way, after some of it, and at last.
  private static let (goodName, leastName, shortestName) = (12, 8, 4)
  /// The narrowest that is worth showing of a reason.
  private static let leastReason = 16

  /// With a blank at either end, two between the parts, and two before the state.
  private var width: Int {
    var width = columns(of: name) + columns(of: rate.words) + columns(of: rate.today) + 6
    if let zone { width += columns(of: zone) + 2 }
    if let phones { width += columns(of: phones) + 2 }
    return width + columns(of: state.text) + columns(of: state.reason)
  }

  /// The same in so many columns.
  func fitted(to room: Int, ellipsis: String) -> ScheduleLine {
    guard width > room else { return self }
    var line = self
    let excess = { (line: ScheduleLine) in line.width - room }
    line.shortenName(by: excess(line), to: Self.goodName, ellipsis)
    if excess(line) > 0 { line.zone = zone.map { cityAlone($0, ellipsis: ellipsis) } }
    if excess(line) > 0 { line.rate.words = line.rate.short() }
    if excess(line) > 0 {
      let left = columns(of: line.state.reason) - excess(line)
      line.state.reason = clipped(
        line.state.reason, columns: max(Self.leastReason, left), ellipsis: ellipsis)
    }
    if excess(line) > 0 { line.rate.today = "" }
    line.shortenName(by: excess(line), to: Self.leastName, ellipsis)
    if excess(line) > 0, !line.state.reason.isEmpty {
      var unzoned = line
      unzoned.zone = nil
      if excess(unzoned) <= 0 { line = unzoned } else { line.state.reason = "" }
    }
    if excess(line) > 0 { line.zone = nil }
    line.shortenName(by: excess(line), to: Self.shortestName, ellipsis)
    if excess(line) > 0, let short = line.state.short { line.state.text = short }
    // What the last of these left free is the name's.
    line.name = clipped(name, columns: columns(of: line.name) + max(0, -excess(line)), ellipsis: ellipsis)
    return line
  }

  private mutating func shortenName(by excess: Int, to least: Int, _ ellipsis: String) {
    guard excess > 0 else { return }
    name = clipped(name, columns: max(least, columns(of: name) - excess), ellipsis: ellipsis)
  }

  /// Draws it fitted to the canvas, clipped where even so there is not room for it.
  func draw(row: Int, on canvas: inout Canvas, ellipsis: String) {
    let width = canvas.size.width
    let line = fitted(to: width, ellipsis: ellipsis)
    let words = clipped(line.state.text + line.state.reason, columns: width * 2 / 3, ellipsis: ellipsis)
    let end = width - columns(of: words) - 1
    canvas.write(words, row: row, column: end, style: Style(line.state.role))
    let styled: [(String?, Role)] = [
      (line.name, .strong), (line.zone, .plain), (line.rate.words + line.rate.today, .plain),
      (line.phones, .dim),
    ]
    var column = 1
    for case (let text?, let role) in styled where column < end - 2 {
      let shown = clipped(text, columns: end - 2 - column, ellipsis: ellipsis)
      column += canvas.write(shown, row: row, column: column, style: Style(role)) + 2
    }
  }
}

extension WeekScreen {
  func scheduleLine(_ context: Context) -> ScheduleLine {
    let shown = shown
    let sharing = context.servedPhones(shown.scheduleID)
    return ScheduleLine(
      name: shown.hasSchedule ? shown.name.isEmpty ? "new schedule" : shown.name : "no schedule",
      zone: shown.hasSchedule ? shown.timeZone : nil,
      rate: .init(
        words: shown.rateInWords, today: sentTodayInWords(context), short: { shown.rateInShort }),
      phones: sharing > 1 ? "\(Words.count(sharing)) phones" : nil, state: stateInWords(context))
  }

  /// ` (40 today)`, beside a day's limit.
  private func sentTodayInWords(_ context: Context) -> String {
    guard shown.messagesPerDay > 0 else { return "" }
    let clock = clock(context)
    let count = forecast.sends.onDates(of: clock, now: context.now)[clock.day(at: context.now)] ?? 0
    return count == 0 ? "" : " (\(Words.count(count)) today)"
  }

  /// Whether the phone may send now, and until when that holds.
  private func stateInWords(_ context: Context) -> ScheduleLine.State {
    let glyphs = context.glyphs
    if let hold = previewedHold ?? phone.hold, hold.isActive(at: context.now) {
      let words = hold.endInWords(now: context.now, clock: clock(context))
      return .init(text: "\(glyphs.hold) \(words)", reason: hold.reasonInWords, role: .error)
    }
    // Those of the forecast are the shown ones, unless no queue is here.
    let hours = forecast.draft?.rules.hours ?? shown.hours(context)
    if let problem = hours.problem {
      let words = "\(glyphs.unmarked) \(problem.briefest)"
      return .init(text: "\(words): sends nothing", short: words, role: .error)
    }
    if !shown.hasSchedule { return .init(text: "\(glyphs.marked) sends at any time", role: .good) }
    if !shown.isActive {
      let words = "\(glyphs.marked) hours ignored"
      return .init(text: "\(words): sends at any time", short: words, role: .warning)
    }
    let (text, role) = context.stateInWords(of: hours, clock: clock(context))
    return .init(text: text, role: role)
  }
}
