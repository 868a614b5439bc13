import Canvas
import Editor
import Scheduling

/// A gateway in memory, around an editor: effects are performed at once.
struct World {
  var editor: Editor
  var phones: [Phone]
  var schedules: [Schedule]
  /// Messages by the number of their phone, in the order of being queued.
  var messages: [String: [MessageText]] = [:]
  var exact: Set<String> = []
  var previous: [String: Instant] = [:]
  var kept: [String: KeptDraft] = [:]
  var revisions: [String: [RevisionRow]] = [:]
  /// What went out, by phone and minute.
  var sends: [String: [Instant: Int]] = [:]
  /// Everything that was asked for, in order.
  var effects: [Effect] = []
  var hasQuit = false

  init(settings: EditorSettings, size: Size, now: Instant, sample: Sample = Sample()) {
    editor = Editor(settings: settings, size: size, now: now)
    phones = sample.phones
    schedules = sample.schedules
    messages = sample.messages(now: now)
    exact = sample.exact
    sends = sample.sends(now: now)
    for schedule in schedules {
      revisions[schedule.id] = [
        RevisionRow(
          number: 1, content: schedule.content, author: "mara", savedAt: now - 3 * .day,
          summary: ScheduleDifference.words(creating: schedule.content))
      ]
    }
    perform([.loadGateway])
  }

  mutating func open(_ number: String) { perform([.open(phoneID: number)]) }

  mutating func press(_ keys: [Key]) {
    for key in keys { perform(editor.handle(.key(key))) }
  }

  mutating func press(_ text: String) { press(KeyNotation.parse(text)) }

  mutating func perform(_ effects: [Effect]) {
    self.effects += effects
    for effect in effects {
      for outcome in run(effect) { perform(editor.receive(outcome)) }
    }
  }

  func schedule(_ name: String) -> Schedule? { schedules.first { $0.content.name == name } }
  func phone(_ number: String) -> Phone? { phones.first { $0.number == number } }

  private mutating func run(_ effect: Effect) -> [Outcome] {
    switch effect {
    case .loadGateway: return [.gateway(gateway)]
    case .loadOutlooks(let ids):
      return [.outlooks(Dictionary(uniqueKeysWithValues: ids.map { ($0, outlook($0)) }))]
    case .open(let id):
      guard let opened = opened(id) else { return [.failed("no phone \(id)")] }
      return [
        .opened(opened),
        .queue(
          phoneID: id, queue(opened.phone.number), previous: previous[opened.phone.number], sentOn: [:]),
      ]
    case .loadTexts(let keys):
      let all = messages.values.flatMap { $0 }
      return [
        .texts(
          Dictionary(keys.compactMap { key in all.first { Self.key($0) == key }.map { (key, $0) } }) { $1 })
      ]
    case .findMessages(let id, let text):
      let found = messages[id]?.filter { $0.content.contains(text) || $0.contact.contains(text) } ?? []
      return [.found(phoneID: id, keys: found.map(Self.key))]
    case .save(let request): return save(request)
    case .attach(let scheduleID, let ids):
      for index in phones.indices where ids.contains(phones[index].id) {
        phones[index].scheduleID = scheduleID
      }
      return [.attached("\(ids.count) attached"), .gateway(gateway)]
    case .deleteSchedule(let id):
      schedules.removeAll { $0.id == id }
      for index in phones.indices where phones[index].scheduleID == id { phones[index].scheduleID = nil }
      return [.gateway(gateway)] + (editor.week.flatMap { opened($0.phone.id) }.map { [.opened($0)] } ?? [])
    case .renameSchedule(let id, let name):
      for index in schedules.indices where schedules[index].id == id { schedules[index].content.name = name }
      return [.gateway(gateway)]
    case .loadRevisions(let id): return [.revisions(revisions[id]?.reversed() ?? [])]
    case .countSends(let id, let range): return [.sends(phoneID: id, during: range, counts: sends[id] ?? [:])]
    case .hold(let ids, let until, let reason):
      for index in phones.indices where ids.contains(phones[index].id) {
        phones[index].hold = Hold(until: until, reason: reason)
      }
      return [.done("Held"), .gateway(gateway)] + followed(ids)
    case .release(let ids):
      for index in phones.indices where ids.contains(phones[index].id) { phones[index].hold = nil }
      return [.done("Released"), .gateway(gateway)] + followed(ids)
    case .keepDraft(let draft):
      kept[draft.phoneID] = draft
      return []
    case .dropDraft(let id):
      kept[id] = nil
      return []
    case .quit:
      hasQuit = true
      return []
    case .redraw, .suspend: return []
    }
  }

  private func followed(_ ids: [String]) -> [Outcome] {
    ids.compactMap(opened).map(Outcome.followed)
  }

  private var gateway: Gateway {
    Gateway(
      phones: phones.map { PhoneRow(phone: $0, waiting: messages[$0.number]?.count ?? 0) },
      schedules: schedules)
  }

  func opened(_ id: String) -> OpenedPhone? {
    guard let phone = phones.first(where: { $0.id == id }) else { return nil }
    return OpenedPhone(
      phone: phone, schedule: schedules.first { $0.id == phone.scheduleID }, savedBy: "anna",
      kept: editor.week?.phone.id == id ? nil : kept[id])
  }

  private mutating func save(_ request: SaveRequest) -> [Outcome] {
    guard let phone = phones.firstIndex(where: { $0.id == request.phoneID }) else { return [.failed("gone")] }
    switch request.schedule {
    case .attach(let id): phones[phone].scheduleID = id
    case .create(let content):
      let schedule = Schedule(id: "new-\(schedules.count)", content: content)
      schedules.append(schedule)
      phones[phone].scheduleID = schedule.id
    case .update(let id, let content, let revision):
      guard let index = schedules.firstIndex(where: { $0.id == id }), schedules[index].revision == revision
      else {
        let current = schedules.first { $0.id == id }
        let base = revisions[id]?.first { $0.number == revision }?.content
        return opened(request.phoneID).map { [.overtaken($0, current: current, base: base)] } ?? []
      }
      schedules[index].content = content
      schedules[index].revision += 1
      phones[phone].scheduleID = id
    }
    if let rate = request.rate { phones[phone].messagesPerMinute = rate.to }
    if let perDay = request.perDay { phones[phone].messagesPerDay = perDay.to }
    return opened(request.phoneID).map { [.saved($0, note: "Saved")] } ?? []
  }

  static func key(_ text: MessageText) -> Int64 { Int64(text.id) ?? 0 }

  func queue(_ number: String) -> SendQueue {
    var queue = SendQueue()
    let ready = { (text: MessageText) in max(text.queuedAt, text.sendAt ?? text.queuedAt) }
    let ordered = (messages[number] ?? []).sorted {
      (ready($0), $0.queuedAt, Self.key($0)) < (ready($1), $1.queuedAt, Self.key($1))
    }
    for text in ordered {
      if exact.contains(text.id) {
        queue.exactKeys.append(Self.key(text))
        queue.exactReady.append(ready(text))
      } else {
        queue.keys.append(Self.key(text))
        queue.ready.append(ready(text))
      }
    }
    return queue
  }

  private func outlook(_ id: String) -> PhoneOutlook {
    guard let opened = opened(id) else { return PhoneOutlook(next: nil, last: nil, never: 0) }
    let timeline = opened.schedule.flatMap {
      editor.context.settings.zones.timeline($0.content.timeZone, now: editor.now)
    }
    let forecast = Forecast(
      queue: queue(opened.phone.number),
      rules: ForecastRules(
        now: editor.now, previous: previous[id],
        rate: Rate(messagesPerMinute: opened.phone.messagesPerMinute),
        hours: OpenHours(opened.schedule?.content, timeline: timeline)))
    return PhoneOutlook(next: forecast.firstSendAt, last: forecast.lastSendAt, never: forecast.never)
  }
}

/// What the gateway of ``World`` holds at first.
struct Sample {
  var schedules: [Schedule] = [
    Schedule(
      id: "office",
      content: ScheduleContent(
        name: "Office hours", timeZone: "Europe/Berlin",
        windows: [1, 2, 3, 4, 5].flatMap {
          [
            Window(day: $0, startMinute: 547, endMinute: 720),
            Window(day: $0, startMinute: 780, endMinute: 1050),
          ]
        })),
    Schedule(
      id: "night",
      content: ScheduleContent(
        name: "Night shift", timeZone: "Australia/Lord_Howe",
        windows: (0..<7).flatMap {
          [
            Window(day: $0, startMinute: 0, endMinute: 330),
            Window(day: $0, startMinute: 1260, endMinute: 1440),
          ]
        })),
  ]
  var phones: [Phone] = [
    Phone(
      id: "+4915112345601", number: "+4915112345601", label: "Front desk", messagesPerMinute: 2,
      scheduleID: "office"),
    Phone(
      id: "+4915112345602", number: "+4915112345602", label: "Back office", messagesPerMinute: 6,
      scheduleID: "office"),
    Phone(
      id: "+61255501001", number: "+61255501001", label: "Lord Howe", messagesPerMinute: 1,
      scheduleID: "night"),
    Phone(id: "+33655512345", number: "+33655512345", label: "Spare", messagesPerMinute: 0),
  ]
  var exact: Set<String> = ["1011", "1057"]

  /// The front desk sent 40 messages in the hour before, and 90 the day before.
  func sends(now: Instant) -> [String: [Instant: Int]] {
    let minute = floorDivide(now, by: .minute).quotient * .minute
    var counts = Dictionary(uniqueKeysWithValues: (1...20).map { (minute - Int64($0) * 3 * .minute, 2) })
    for offset in 0..<90 { counts[minute - .day - Int64(offset) * .minute] = 1 }
    return ["+4915112345601": counts]
  }

  func messages(now: Instant) -> [String: [MessageText]] {
    func list(_ first: Int, _ count: Int) -> [MessageText] {
      (first..<first + count).map { message($0, now: now) }
    }
    return [
      "+4915112345601": list(1000, 300), "+4915112345602": list(2000, 40), "+61255501001": list(3000, 12),
    ]
  }

  private func message(_ id: Int, now: Instant) -> MessageText {
    let texts = ["Your appointment is at 10:30.", "明日の予約は10時です。", "Order \(id) has left."]
    let sendAt: Instant? = id % 7 == 3 ? now + Int64(id % 5) * .hour : nil
    return MessageText(
      id: String(id), contact: "+49555\(1_000_000 + id * 37)", content: texts[id % 3],
      queuedAt: now - 10 * .minute + Int64(id), sendAt: sendAt)
  }
}
