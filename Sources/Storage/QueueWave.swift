/// Requests that can be done side by side: what each asks first can be asked for all of them at once.
///
/// Of one phone these are any number of claims, and reports on different messages which change nothing but their own; or
/// any other request, alone.
struct QueueWave {
  struct Request {
    let index: Int
    let subject: QueueSubject
    let phoneKey: Int64
  }
  private(set) var requests: [Request] = []
  /// How many requests are about the queue of a phone, by its key.
  private(set) var fronts: [Int64: Int] = [:]
  private var messages: Set<String> = []
  /// Phones with a request that is alone.
  private var full: Set<Int64> = []

  /// Whether another request of a phone can be done beside the one before it.
  func takes(_ subject: QueueSubject, ofPhone key: Int64) -> Bool {
    switch subject {
    case .queue: !full.contains(key)
    case .message(let id): !full.contains(key) && !messages.contains(id)
    case .phone, .messageAndPhone: false
    }
  }

  mutating func add(_ index: Int, _ subject: QueueSubject, ofPhone key: Int64) {
    requests.append(Request(index: index, subject: subject, phoneKey: key))
    switch subject {
    case .queue: fronts[key, default: 0] += 1
    case .message(let id): messages.insert(id)
    case .phone, .messageAndPhone: full.insert(key)
    }
  }

  /// What each request asks first: a front is asked for with the first request that is about it.
  func questions() -> [[Query]] {
    var asked: Set<Int64> = []
    return requests.map { request in
      guard case .queue(let name) = request.subject else { return request.subject.questions }
      let key = request.phoneKey
      return asked.insert(key).inserted
        ? QueueFront.questions(ofPhone: name, key: key, messages: fronts[key] ?? 1) : []
    }
  }
}
