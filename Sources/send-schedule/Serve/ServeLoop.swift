import Formats
import Glibc
import Scheduling
import Storage
import TimeZones

/// The loop of `queue serve`: reads what clients ask for, does it, and writes the answers.
///
/// One thread. What comes while a transaction is under way stands in the kernel's buffers and is done together
/// in the next one. An answer is written only after its transaction.
final class ServeLoop {
  /// The most requests in one transaction, so that others get at the database in between.
  private static let batch = 512
  /// How often it is asked whether another process wrote, and the clock is read, while claims wait.
  private static let pollInterval: Duration = 250
  /// The same where a server tells of writes.
  private static let toldInterval: Duration = 5 * .second

  private let work: ServeWork
  private let now: () -> Instant
  private let socket: ServeSocket?
  /// Can be read once a signal asks for the end.
  private let bell: Int32
  private var clients: [Int: ServeClient] = [:]
  private var clientCount = 0
  private var waiting = WaitingClaims()
  private var seen: StoreVersion?
  /// The time zones' generation that is known.
  private var zones = 0
  private let changes: (any Changes)?
  private var asked = ContinuousClock().now
  private var isEnding = false
  /// Phones' numbers by the names that clients use.
  private var numbers: [String: String] = [:]

  init(work: ServeWork, now: @escaping () -> Instant, socket: ServeSocket?, bell: Int32) {
    self.work = work
    self.now = now
    self.socket = socket
    self.bell = bell
    changes = work.store.changes()
  }

  func add(_ client: ServeClient) {
    clients[clientCount] = client
    clientCount += 1
  }

  /// Ends at the end of input without a socket, and at a signal.
  func run() {
    seen = try? work.store.version()
    zones = TimeZoneDatabase.system.lookAgain()
    while !(clients.isEmpty && (socket == nil || isEnding)) {
      listen()
      noticeOthers()
      let jobs = takeJobs()
      if !jobs.isEmpty { perform(jobs) }
      for number in clients.keys.sorted() {
        clients[number]?.send()
        clients[number]?.noteRead()
      }
      letGo()
    }
  }

  // MARK: - Waiting for something to happen

  private func listen() {
    var polls = [pollfd(fd: bell, events: Int16(POLLIN), revents: 0)]
    polls.append(pollfd(fd: isEnding ? -1 : socket?.descriptor ?? -1, events: Int16(POLLIN), revents: 0))
    polls.append(pollfd(fd: changes?.descriptor ?? -1, events: Int16(POLLIN), revents: 0))
    let numbers = clients.keys.sorted()
    for number in numbers {
      guard let client = clients[number] else { continue }
      polls.append(pollfd(fd: client.wantsInput ? client.input : -1, events: Int16(POLLIN), revents: 0))
      polls.append(
        pollfd(fd: client.output, events: client.hasAnswers ? Int16(POLLOUT) : 0, revents: 0))
    }
    guard poll(&polls, nfds_t(polls.count), timeout()) > 0 else { return }
    if polls[0].revents != 0 { beginEnding() }
    if polls[1].revents != 0 { acceptClients() }
    if polls[2].revents != 0 { hear() }
    for (index, number) in numbers.enumerated() {
      if polls[3 + 2 * index].revents != 0 { clients[number]?.receive() }
      if polls[4 + 2 * index].revents & Int16(POLLERR | POLLNVAL) != 0 { clients[number]?.leave() }
    }
  }

  private func timeout() -> Int32 {
    if clients.values.contains(where: \.hasRequests) { return 0 }
    if waiting.isEmpty { return -1 }
    let rest = (waiting.next() ?? .max) - min(now(), waiting.next() ?? .max)
    return Int32(max(0, min(Self.pollInterval, rest)))
  }

  private func acceptClients() {
    while let descriptor = socket?.accept() { add(ServeClient(input: descriptor, output: descriptor)) }
  }

  private func beginEnding() {
    isEnding = true
    for number in clients.keys { clients[number]?.end() }
  }

  /// Lets all waiting claims look again if another process wrote, or a time zone changed; asked for a few times a second.
  private func noticeOthers() {
    let interval = changes == nil ? Self.pollInterval : Self.toldInterval
    guard !waiting.isEmpty, asked.duration(to: ContinuousClock().now) >= .milliseconds(interval) else {
      return
    }
    asked = ContinuousClock().now
    let zones = TimeZoneDatabase.system.lookAgain()
    if zones != self.zones {
      self.zones = zones
      for phone in Array(waiting.phones) { waiting.lookAtOnce(phone) }
    }
    guard let version = try? work.store.version() else { return }
    defer { seen = version }
    guard let seen, version.mayHaveOthers(since: seen) else { return }
    for phone in Array(waiting.phones) { waiting.lookAtOnce(phone) }
  }

  /// Lets the waiting claims look again that somebody's write concerns.
  private func hear() {
    switch changes?.take() ?? .nothing {
    case .nothing: return
    case .anything: for phone in Array(waiting.phones) { waiting.lookAtOnce(phone) }
    case .phones(let numbers): for phone in numbers { waiting.lookAtOnce(phone) }
    }
  }

  // MARK: - Requests

  /// Something to be done for a client.
  private struct Job {
    var client: Int
    var request: ServeRequest
    /// It waited, under this number.
    var waited: String?
  }

  private func takeJobs() -> [Job] {
    var jobs: [Job] = []
    let share = max(1, Self.batch / max(1, clients.count))
    for number in clients.keys.sorted() {
      var taken = 0
      while taken < share, let line = clients[number]?.nextLine() {
        taken += 1
        if let job = read(line, from: number) { jobs.append(job) }
      }
      finishWaiting(of: number, &jobs)
    }
    let due = waiting.takeDue(at: now(), limit: Self.batch) { !(self.clients[$0]?.isHeldBack ?? true) }
    return jobs + due.map { Job(client: $0.waiter.client, request: $0.waiter.request, waited: $0.phone) }
  }

  private func read(_ line: ArraySlice<UInt8>, from number: Int) -> Job? {
    do throws(ServeProblem) {
      if line.isEmpty {
        throw ServeProblem(code: Failure.usage, message: "expected a line of less than a mebibyte")
      }
      return Job(client: number, request: try ServeRequest.read(line))
    } catch {
      answer(number, ServeRequest.id(of: line), .refused(error))
      return nil
    }
  }

  /// At the end of a client's input its waiting claims are answered as if they did not wait.
  private func finishWaiting(of number: Int, _ jobs: inout [Job]) {
    guard let client = clients[number], client.hasEnded, !client.hasRequests, !waiting.isEmpty else { return }
    for (_, waiter) in waiting.take(client: number) where !client.isGone {
      var request = waiter.request
      request.wait = false
      jobs.append(Job(client: number, request: request))
    }
  }

  private func perform(_ jobs: [Job]) {
    let results = work.perform(jobs.map(\.request))
    for (job, result) in zip(jobs, results) { finish(job, result) }
  }

  private func finish(_ job: Job, _ result: ServeResult) {
    switch result {
    case .nothing(let nextAt) where waits(job): keepWaiting(job, until: nextAt)
    case .refused(let problem) where waits(job) && problem.isTemporary:
      // Somebody keeps the database busy, or the server is away: that is no answer.
      keepWaiting(job, until: now() + .second)
    case .claimed(let claim):
      let handed = ServeClient.Handed(messageID: claim.messageID, attempt: claim.attempt)
      guard clients[job.client]?.isGone == false else { return work.giveBack([handed]) }
      answer(job.client, job.request.id, result, claim: handed)
      waiting.lookAtOnce(claim.owner)
    case .settled(let settlement):
      answer(job.client, job.request.id, result)
      waiting.lookAtOnce(settlement.message.owner)
    case .message(let message):
      answer(job.client, job.request.id, result)
      waiting.lookAtOnce(message.owner)
    default: answer(job.client, job.request.id, result)
    }
  }

  private func keepWaiting(_ job: Job, until look: Instant?) {
    let waiter = WaitingClaims.Waiter(client: job.client, request: job.request)
    let phone = job.waited ?? number(of: job.request.phone ?? "")
    waiting.keep(waiter, phone: phone, isFirst: job.waited != nil, look: look)
  }

  /// The number of a phone that may be named by its id.
  private func number(of phone: String) -> String {
    if let number = numbers[phone] { return number }
    let number = (try? work.store.phone(named: phone).number) ?? phone
    numbers[phone] = number
    return number
  }

  private func waits(_ job: Job) -> Bool {
    job.request.command == .claim && job.request.wait == true && clients[job.client]?.hasEnded == false
  }

  private func answer(
    _ number: Int, _ id: RequestID, _ result: ServeResult, claim: ServeClient.Handed? = nil
  ) {
    var json = JSONBytes()
    json.answer(id, result)
    clients[number]?.answer(json.bytes, claim: claim)
  }

  // MARK: - Clients that go

  private func letGo() {
    for number in clients.keys.sorted() {
      guard let client = clients[number], client.isGone || client.hasEnded && client.isIdle,
        client.isGone || !waiting.has(client: number)
      else { continue }
      _ = waiting.take(client: number)
      var last = client
      if client.isGone { work.giveBack(last.takeUnread()) }
      clients[number] = nil
      if client.input == client.output { close(client.input) }
    }
  }
}
