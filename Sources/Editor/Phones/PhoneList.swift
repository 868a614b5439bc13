import Scheduling

/// The list of phones: what is shown of it, marked and selected.
package struct PhoneList: Sendable {
  /// All phones, and those that the filter lets through.
  private var all: [PhoneRow] = []
  package private(set) var rows: [PhoneRow] = []
  package private(set) var filter = ""
  package private(set) var waiting = 0
  package var selected = 0
  package private(set) var top = 0
  package var marked: Set<String> = []
  /// As far as they are known; they stay until newer ones come, so that nothing flickers.
  package private(set) var outlooks: [String: PhoneOutlook] = [:]
  private var asked: Set<String> = []
  private var schedules: [String: Schedule] = [:]
  /// What a filter looks in, made when the first one is typed.
  private var searchTexts: [[UInt8]] = []

  package init() {}

  package var count: Int { all.count }
  package var current: PhoneRow? { rows.indices.contains(selected) ? rows[selected] : nil }

  mutating func show(_ gateway: Gateway) {
    let selectedID = current?.phone.id
    all = gateway.phones
    waiting = all.reduce(0) { $0 + $1.waiting }
    schedules = Dictionary(gateway.schedules.map { ($0.id, $0) }) { first, _ in first }
    marked.formIntersection(Set(all.map(\.phone.id)))
    searchTexts = []
    askAgain()
    self.filter(by: filter)
    if let selectedID, let index = rows.firstIndex(where: { $0.phone.id == selectedID }) { selected = index }
  }

  /// Shows the phones whose number, label or schedule contains each word of the text.
  mutating func filter(by filter: String) {
    let selectedID = current?.phone.id
    self.filter = filter
    let words = filter.lowercased().split(separator: " ").map { Array($0.utf8) }
    if words.isEmpty {
      rows = all
    } else {
      if searchTexts.isEmpty { searchTexts = all.map(searchText) }
      rows = zip(all, searchTexts).filter { _, text in words.allSatisfy { text.containsRun($0) } }.map(\.0)
    }
    selected = rows.firstIndex { $0.phone.id == selectedID } ?? 0
  }

  private func searchText(_ row: PhoneRow) -> [UInt8] {
    Array(
      "\(row.phone.number) \(row.phone.label) \(schedule(of: row.phone)?.content.name ?? "")".lowercased()
        .utf8)
  }

  package func schedule(of phone: Phone) -> Schedule? { phone.scheduleID.flatMap { schedules[$0] } }

  mutating func move(_ step: Int) { selected = min(max(0, selected + step), max(0, rows.count - 1)) }

  /// Scrolls so that the selected row is on the screen.
  mutating func scroll(rows visible: Int) {
    selected = min(max(0, selected), max(0, rows.count - 1))
    top = min(max(top, selected - visible + 1), selected)
    top = max(0, min(top, rows.count - visible))
  }

  /// The outlooks are old: those on the screen are to be asked for again.
  mutating func askAgain() { asked.removeAll() }

  /// These were not computed after all.
  mutating func forget(_ ids: [String]) { asked.subtract(ids) }

  mutating func take(_ outlooks: [String: PhoneOutlook]) { self.outlooks.merge(outlooks) { $1 } }

  /// The phones on the screen whose outlook is not asked for yet; they count as asked from now on.
  mutating func wantedOutlooks(rows visible: Int) -> [String] {
    let wanted = visibleRows(visible).map(\.phone.id).filter { !asked.contains($0) }
    asked.formUnion(wanted)
    return wanted
  }

  package func visibleRows(_ visible: Int) -> ArraySlice<PhoneRow> {
    rows[min(top, rows.count)..<min(top + max(0, visible), rows.count)]
  }

  mutating func toggleMark() {
    guard let id = current?.phone.id else { return }
    if marked.remove(id) == nil { marked.insert(id) }
  }

  /// Marks all phones that are shown, or none of them if all are marked.
  mutating func toggleAll() {
    let ids = Set(rows.map(\.phone.id))
    if ids.isSubset(of: marked) { marked.subtract(ids) } else { marked.formUnion(ids) }
  }

  /// The marked phones, or else the one selected, in the list's order.
  package var chosen: [Phone] {
    marked.isEmpty
      ? current.map { [$0.phone] } ?? []
      : all.filter { marked.contains($0.phone.id) }.map(\.phone)
  }

  package func neighbour(of phoneID: String, step: Int) -> Phone? {
    guard let index = rows.firstIndex(where: { $0.phone.id == phoneID }), !rows.isEmpty else { return nil }
    let other = (index + step + rows.count) % rows.count
    return other == index ? nil : rows[other].phone
  }

  mutating func select(_ phoneID: String) {
    if let index = rows.firstIndex(where: { $0.phone.id == phoneID }) { selected = index }
  }
}

extension [UInt8] {
  /// Whether the bytes of `run` stand somewhere in these, one after the other.
  fileprivate func containsRun(_ run: [UInt8]) -> Bool {
    guard let first = run.first, run.count <= count else { return run.isEmpty }
    for start in 0...count - run.count where self[start] == first {
      if run.indices.allSatisfy({ self[start + $0] == run[$0] }) { return true }
    }
    return false
  }
}
