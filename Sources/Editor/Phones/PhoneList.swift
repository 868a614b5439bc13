import Canvas
import Scheduling

/// The list of phones: what is shown of it, in which order, marked and selected.
package struct PhoneList: Sendable {
  /// All phones by number, and the places of those that the filter lets through, in the list's order.
  private var all: [PhoneRow] = []
  private var shown: [Int] = []
  private var places: [String: Int] = [:]
  package private(set) var filter = ""
  package private(set) var order = PhoneOrder()
  /// The order in which they stand as long as not all is known that the wanted one needs.
  private var standingOrder = PhoneOrder()
  package private(set) var waiting = 0
  package private(set) var failed = 0
  package var selected = 0
  package private(set) var top = 0
  package var marked: Set<String> = []
  /// As far as they are known; they stay until newer ones come, so that nothing flickers.
  package private(set) var outlooks: [String: PhoneOutlook] = [:]
  private var asked: Set<String> = []
  /// Outlooks that were asked for and are not here.
  private var underWay: Set<String> = []
  private var schedules: [String: Schedule] = [:]
  /// What a filter looks in, made when the first one is typed.
  private var searchTexts: [[UInt8]] = []
  /// Whether each schedule is open, as of the last look.
  private var openings: [OpeningKey: Opening] = [:]
  private var lookedAt: Instant = .min
  /// Whether the states of all phones were looked at since something besides the time changed.
  private var knowsStates = false
  /// When the next hold ends by which the list changes.
  private(set) var nextHoldEnd: Instant = .max
  /// Columns of the longest number.
  private(set) var numberWidth = 0

  package init() {}

  package var count: Int { all.count }
  package var shownCount: Int { shown.count }
  package var current: PhoneRow? { shown.indices.contains(selected) ? all[shown[selected]] : nil }
  package var isSearching: Bool { !filter.isEmpty }

  package func row(_ phoneID: String) -> PhoneRow? { places[phoneID].map { all[$0] } }

  // MARK: What comes in

  mutating func show(_ gateway: Gateway) {
    let selectedID = current?.phone.id
    all = gateway.phones
    places = Dictionary(all.indices.map { (all[$0].phone.id, $0) }) { first, _ in first }
    schedules = Dictionary(gateway.schedules.map { ($0.id, $0) }) { first, _ in first }
    numberWidth = all.reduce(0) { max($0, $1.phone.number.utf8.count) }
    marked = marked.filter { places[$0] != nil }
    searchTexts = []
    forgetOpenings()
    (waiting, failed) = all.reduce((0, 0)) { ($0.0 + $1.waiting, $0.1 + $1.failed) }
    askAgain()
    arrange(keeping: selectedID)
  }

  /// What changed of some phones' queues.
  mutating func update(_ rows: [QueueRow]) {
    for row in rows {
      guard let place = places[row.phoneID] else { continue }
      count(waiting: row.waiting, failed: row.failed, at: place)
      asked.remove(row.phoneID)
    }
    if order.column == .waiting || order.column == .failed { arrange(keeping: current?.phone.id) }
  }

  private mutating func count(waiting: Int, failed: Int, at place: Int) {
    self.waiting += waiting - all[place].waiting
    self.failed += failed - all[place].failed
    (all[place].waiting, all[place].failed) = (waiting, failed)
  }

  // MARK: Filter and order

  /// Shows the phones whose number, label, schedule or time zone contains each word of the text; `held`, `open` and
  /// `closed` find those that are so too.
  mutating func filter(by filter: String) {
    let selectedID = current?.phone.id
    self.filter = filter
    knowsStates = false
    arrange(keeping: selectedID)
  }

  mutating func sort(by order: PhoneOrder) {
    self.order = order
    knowsStates = false
    arrange(keeping: current?.phone.id)
  }

  private mutating func arrange(keeping selectedID: String?) {
    let words = filter.lowercased().split(separator: " ").map { Array($0.utf8) }
    if words.isEmpty {
      shown = Array(all.indices)
    } else {
      if searchTexts.isEmpty { searchTexts = all.map(searchText) }
      let filtersByState = filtersByState
      shown = all.indices.filter { place in
        let state = filtersByState ? Array(stateWord(all[place].phone).utf8) : []
        return words.allSatisfy { $0 == state || searchTexts[place].containsRun($0) }
      }
    }
    if missingOutlooks == 0 { standingOrder = order }
    if standingOrder != PhoneOrder() { sortShown(by: standingOrder) }
    guard let place = selectedID.flatMap({ places[$0] }) else {
      selected = 0
      return
    }
    selected = shown.firstIndex(of: place) ?? 0
  }

  private mutating func sortShown(by order: PhoneOrder) {
    let keys = Dictionary(uniqueKeysWithValues: shown.map { ($0, sortKey(all[$0], by: order)) })
    let isReversed = !order.isAscending
    shown.sort { a, b in
      PhoneSortKey.isBefore(keys[a] ?? .none, keys[b] ?? .none, reversed: isReversed) ?? (a < b)
    }
  }

  private func sortKey(_ row: PhoneRow, by order: PhoneOrder) -> PhoneSortKey {
    let (phone, outlook) = (row.phone, outlooks[row.phone.id])
    let number = { (value: Int64?) in value.map(PhoneSortKey.number) ?? .none }
    let text = { (text: String) in text.isEmpty ? PhoneSortKey.none : .text(text.lowercased()) }
    switch order.column {
    case .number: return .text(phone.number)
    case .label: return text(phone.label)
    case .schedule: return text(schedule(of: phone)?.content.name ?? "")
    case .state: return .number(stateKey(phone))
    // No limit is the most.
    case .rate: return .number(phone.messagesPerMinute == 0 ? .max : Int64(phone.messagesPerMinute))
    case .perDay: return .number(phone.messagesPerDay == 0 ? .max : Int64(phone.messagesPerDay))
    case .waiting: return .number(Int64(row.waiting))
    case .failed: return .number(Int64(row.failed))
    case .next: return number(outlook?.next)
    case .emptyBy: return (outlook?.never ?? 0) > 0 ? .number(.max) : number(outlook?.last)
    case .lastSent: return number(outlook?.lastSentAt)
    case .comingDay: return number(outlook.map { Int64($0.comingDay.reduce(0, +)) })
    }
  }

  /// Open phones first, then the closed ones in the order of opening, then the held ones.
  private func stateKey(_ phone: Phone) -> Int64 {
    if let hold = phone.hold, hold.isActive(at: lookedAt) { return .max / 2 + hold.until / 2 }
    guard let opening = opening(of: phone), !opening.isOpen else { return 0 }
    return opening.until ?? .max / 2
  }

  private func searchText(_ row: PhoneRow) -> [UInt8] {
    let schedule = schedule(of: row.phone)?.content
    let zone = schedule?.timeZone.replacing("_", with: " ") ?? ""
    return Array(
      "\(row.phone.number) \(row.phone.label) \(schedule?.name ?? "") \(zone)".lowercased().utf8)
  }

  /// What a filter finds a phone by, besides its texts: as of the last look `held`, `open` or `closed`.
  private func stateWord(_ phone: Phone) -> String {
    if phone.hold?.isActive(at: lookedAt) ?? false { return "held" }
    return opening(of: phone)?.isOpen ?? true ? "open" : "closed"
  }

  /// Whether a state is among the words of the filter.
  private var filtersByState: Bool {
    filter.lowercased().split(separator: " ").contains { ["held", "open", "closed"].contains($0) }
  }

  package func schedule(of phone: Phone) -> Schedule? { phone.scheduleID.flatMap { schedules[$0] } }

  // MARK: Moving

  mutating func move(_ step: Int) { selected = min(max(0, selected + step), max(0, shown.count - 1)) }

  /// The next one, and after the last the first.
  mutating func moveAround(_ step: Int) {
    guard !shown.isEmpty else { return }
    selected = (selected + step + shown.count) % shown.count
  }

  /// Scrolls so that the selected row is on the screen.
  mutating func scroll(rows visible: Int) {
    selected = min(max(0, selected), max(0, shown.count - 1))
    top = min(max(top, selected - visible + 1), selected)
    top = max(0, min(top, shown.count - visible))
  }

  package func visibleRows(_ visible: Int) -> [PhoneRow] {
    shown[min(top, shown.count)..<min(top + max(0, visible), shown.count)].map { all[$0] }
  }

  package func neighbour(of phoneID: String, step: Int) -> Phone? {
    guard let index = shown.firstIndex(where: { all[$0].phone.id == phoneID }), !shown.isEmpty else {
      return nil
    }
    let other = (index + step + shown.count) % shown.count
    return other == index ? nil : all[shown[other]].phone
  }

  mutating func select(_ phoneID: String) {
    if let place = places[phoneID], let index = shown.firstIndex(of: place) { selected = index }
  }

  // MARK: Marks

  mutating func toggleMark() {
    guard let id = current?.phone.id else { return }
    if marked.remove(id) == nil { marked.insert(id) }
  }

  /// Marks all phones that are shown, or none of them if all are marked.
  mutating func toggleAll() {
    let ids = Set(shown.map { all[$0].phone.id })
    if ids.isSubset(of: marked) { marked.subtract(ids) } else { marked.formUnion(ids) }
  }

  /// How many marked phones the filter hides.
  package var hiddenMarks: Int {
    marked.isEmpty || filter.isEmpty
      ? 0 : marked.count - shown.count { marked.contains(all[$0].phone.id) }
  }

  /// The marked phones, or else the one selected, in the order of their numbers.
  package var chosen: [Phone] { chosenRows.map(\.phone) }

  package var chosenRows: [PhoneRow] {
    marked.isEmpty ? current.map { [$0] } ?? [] : all.filter { marked.contains($0.phone.id) }
  }

  // MARK: Outlooks

  /// The outlooks are old: those on the screen are to be asked for again.
  mutating func askAgain() {
    asked.removeAll()
    underWay.removeAll()
  }

  /// These were not computed after all.
  mutating func forget(_ ids: [String]) {
    asked.subtract(ids)
    underWay.subtract(ids)
  }

  mutating func take(_ outlooks: [String: PhoneOutlook]) {
    self.outlooks.merge(outlooks) { $1 }
    for (id, outlook) in outlooks {
      if let place = places[id] { count(waiting: outlook.waiting, failed: outlook.failed, at: place) }
    }
    underWay.subtract(outlooks.keys)
    // It is sorted once all is known: nothing jumps about meanwhile.
    if order.needsOutlooks, missingOutlooks == 0 { arrange(keeping: current?.phone.id) }
  }

  /// How many of the shown phones have to be looked at still for the order to be true.
  var missingOutlooks: Int {
    order.needsOutlooks ? shown.count { outlooks[all[$0].phone.id] == nil } : 0
  }

  /// Asked for at once while the list is being sorted.
  private static let chunk = 200

  /// The phones on the screen whose outlook is not asked for yet; they count as asked from now on. Where the order
  /// needs all outlooks, others follow as soon as nothing is under way.
  mutating func wantedOutlooks(rows visible: Int) -> [String] {
    var wanted = visibleRows(visible).map(\.phone.id).filter { !asked.contains($0) }
    if wanted.isEmpty, underWay.isEmpty, order.needsOutlooks {
      for place in shown where wanted.count < Self.chunk {
        let id = all[place].phone.id
        if outlooks[id] == nil, !asked.contains(id) { wanted.append(id) }
      }
    }
    asked.formUnion(wanted)
    underWay.formUnion(wanted)
    return wanted
  }

  // MARK: Hours

  /// Whether a schedule's hours are open at a moment, and until when that holds.
  struct Opening: Equatable, Sendable {
    var isOpen: Bool
    /// Nil for ever.
    var until: Instant?
    /// Why it sends nothing: the clock of its hours is not known.
    var problem: TimeZoneError?
  }

  /// What an opening depends on: the schedule, and whether a day's limit counts on its dates.
  private struct OpeningKey: Hashable, Sendable {
    var scheduleID: String
    var countsDays: Bool

    init?(_ phone: Phone) {
      guard let id = phone.scheduleID else { return nil }
      (scheduleID, countsDays) = (id, phone.messagesPerDay > 0)
    }
  }

  /// Whether the hours of a phone are open, as of the last look; nil without hours.
  func opening(of phone: Phone) -> Opening? { OpeningKey(phone).flatMap { openings[$0] } }

  /// Whether order or filter look at the states of all phones.
  private var needsStates: Bool { order.column == .state || filtersByState }

  /// Looks which schedules are open, and when holds end: those of the phones on the screen, or of all where the order
  /// needs them, which stay as they are until the clock moves on or a hold ends.
  mutating func look(rows visible: Int, _ context: Context) {
    let needsStates = needsStates
    if needsStates, knowsStates, nextHoldEnd > context.now { return }
    lookedAt = context.now
    nextHoldEnd = .max
    for row in needsStates ? all : visibleRows(visible) {
      if let end = row.phone.hold?.until, end > lookedAt { nextHoldEnd = min(nextHoldEnd, end) }
      guard let schedule = schedule(of: row.phone), let key = OpeningKey(row.phone), openings[key] == nil
      else { continue }
      openings[key] = context.opening(
        of: context.hours(of: schedule.content, messagesPerDay: row.phone.messagesPerDay))
    }
    knowsStates = needsStates
    if needsStates { arrange(keeping: current?.phone.id) }
  }

  /// The clock moved on.
  mutating func forgetOpenings() {
    openings = [:]
    knowsStates = false
  }
}

extension Context {
  /// Whether some hours are open now, and until when that holds.
  func opening(of hours: OpenHours) -> PhoneList.Opening {
    let isOpen = hours.isOpen(now)
    return PhoneList.Opening(
      isOpen: isOpen,
      until: isOpen
        ? hours.nextClosed(now, limit: now + 2 * .week) : hours.nextOpen(now, limit: now + .horizon),
      problem: hours.problem)
  }
}
