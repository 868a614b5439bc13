import Formats
import Glibc
import Scheduling
import Storage

/// The loop of `queue serve`: reads what clients ask for, does it, and writes the answers.
///
/// One thread. What comes while a transaction is under way stands in the kernel's buffers and is done together
/// in the next one. An answer is written only after its transaction.
final class ServeLoop {
  /// The most requests in one transaction, so that others get at the database in between.
  private static let batch = 512
  /// How long clients may take to read what is for them once all is to end.
  private static let farewell = ContinuousClock.Duration.seconds(5)
  /// How long to wait before the server is asked again that was away, or before claims are given back that could not be.
  private static let pause: Duration = .second
  /// How long requests are tried again whose phone somebody else has locked, and the pauses in between.
  private static let patience = ContinuousClock.Duration.seconds(25)
  private static let shortPause = ContinuousClock.Duration.milliseconds(20)

  private let work: ServeWork
  private var watch: QueueWatch
  private let socket: ServeSocket?
  /// Can be read once a signal asks for the end.
  private let bell: Int32
  private var clients: [Int: ServeClient] = [:]
  private var clientCount = 0
  private var waiting = WaitingClaims()
  /// Phones' numbers by the names that clients use, as long as nothing has changed that they could follow from.
  private var numbers: [String: String] = [:]
  /// Claims that are to be given back, and when to try.
  private var owed: [ServeClient.Handed] = []
  private var owedAt = ContinuousClock.now
  /// Requests whose phone somebody else had locked, and when to try again.
  private var postponed: [Job] = []
  private var postponedUntil = ContinuousClock.now
  /// The error's number where standard output could take no answers.
  private var failure: Int32?
  /// When clients that do not read are given up; nil until the end is asked for.
  private var deadline: ContinuousClock.Instant?

  init(work: ServeWork, watch: QueueWatch, socket: ServeSocket?, bell: Int32) {
    self.work = work
    self.watch = watch
    self.socket = socket
    self.bell = bell
  }

  private var isEnding: Bool { deadline != nil }

  func add(_ client: ServeClient) {
    clients[clientCount] = client
    clientCount += 1
  }

  /// Ends at the end of input without a socket, and at a signal; throws a ``Failure`` where answers were lost because
  /// standard output can take none.
  func run() throws {
    while !(clients.isEmpty && (socket == nil || isEnding)) {
      listen()
      hear()
      let jobs = takeJobs()
      if !jobs.isEmpty { perform(jobs) }
      for number in clients.keys.sorted() { send(to: number) }
      letGo()
      giveBack()
    }
    if let failure {
      throw Failure(code: Failure.inputOutput, "standard output: \(String(cString: strerror(failure)))")
    }
  }

  // MARK: - Waiting for something to happen

  private func listen() {
    // Once it was heard it can be read for ever.
    var polls = [pollfd(fd: isEnding ? -1 : bell, events: Int16(POLLIN), revents: 0)]
    polls.append(pollfd(fd: isEnding ? -1 : socket?.descriptor ?? -1, events: Int16(POLLIN), revents: 0))
    polls.append(pollfd(fd: waiting.isEmpty ? -1 : watch.descriptor, events: Int16(POLLIN), revents: 0))
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
    for (index, number) in numbers.enumerated() {
      if polls[3 + 2 * index].revents != 0 { clients[number]?.receive() }
      if polls[4 + 2 * index].revents & Int16(POLLERR | POLLNVAL) != 0 { clients[number]?.leave() }
    }
  }

  private func timeout() -> Int32 {
    if takesRequests, clients.values.contains(where: \.hasRequests) { return 0 }
    var moments: [ContinuousClock.Instant] = owed.isEmpty ? [] : [owedAt]
    if !postponed.isEmpty { moments.append(postponedUntil) }
    if let deadline { moments.append(deadline) }
    let rest = moments.min().map { Self.milliseconds(until: $0) }
    let look = waiting.isEmpty ? nil : watch.timeout(until: waiting.next())
    return [rest, look].compactMap { $0 }.min() ?? -1
  }

  private static func milliseconds(until moment: ContinuousClock.Instant) -> Int32 {
    let rest = ContinuousClock.now.duration(to: moment)
    return Int32(max(0, rest / .milliseconds(1)).rounded(.up))
  }

  private func acceptClients() {
    while let descriptor = socket?.accept() { add(ServeClient(input: descriptor, output: descriptor)) }
  }

  private func beginEnding() {
    deadline = ContinuousClock.now + Self.farewell
    for number in clients.keys { clients[number]?.end() }
  }

  /// Lets the waiting claims look again that something concerns which happened elsewhere.
  private func hear() {
    guard !waiting.isEmpty else { return }
    switch watch.news() {
    case .nothing: return
    case .anything:
      numbers = [:]
      waiting.lookAtAll()
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
    /// Until when it is tried again while its phone is locked.
    var patience = ContinuousClock.now + ServeLoop.patience
  }

  /// A phone that stays locked may not let requests pile up.
  private var takesRequests: Bool { postponed.count < Self.batch }

  private func takeJobs() -> [Job] {
    var jobs: [Job] = []
    let share = max(1, Self.batch / max(1, clients.count))
    for number in clients.keys.sorted() {
      var taken = 0
      while takesRequests, taken < share, let line = clients[number]?.nextLine() {
        taken += 1
        if let job = read(line, from: number) { jobs.append(job) }
      }
      finishWaiting(of: number, &jobs)
    }
    let due = waiting.takeDue(at: watch.now, limit: Self.batch) { !(self.clients[$0]?.isHeldBack ?? true) }
    jobs += due.map { Job(client: $0.waiter.client, request: $0.waiter.request, waited: $0.phone) }
    guard !jobs.isEmpty || postponedUntil <= .now else { return [] }
    // Those of one phone are done in their order.
    defer { postponed = [] }
    return postponed + jobs
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
    case .nothing(let nextAt) where waits(job): return keepWaiting(job, until: nextAt)
    case .refused(let problem) where problem.isBusy && (waits(job) || .now < job.patience):
      postponed.append(job)
      postponedUntil = .now + Self.shortPause
      return
    case .refused(let problem) where waits(job) && problem.isAway:
      // That is no answer.
      return keepWaiting(job, until: watch.now + Self.pause)
    case .claimed(let claim):
      let handed = ServeClient.Handed(
        messageID: claim.messageID, attempt: claim.attempt, owner: claim.owner)
      if clients[job.client]?.isGone == false {
        answer(job.client, job.request.id, result, claim: handed)
      } else {
        owed.append(handed)
      }
      waiting.lookAtOnce(claim.owner)
    case .settled(let settlement):
      answer(job.client, job.request.id, result)
      waiting.lookAtOnce(settlement.message.owner)
    case .message(let message):
      answer(job.client, job.request.id, result)
      waiting.lookAtOnce(message.owner)
    default: answer(job.client, job.request.id, result)
    }
    // The look was for the first of its phone's claims: the next one is still to have it.
    if let phone = job.waited { waiting.lookAtOnce(phone) }
  }

  private func keepWaiting(_ job: Job, until look: Instant?) {
    let waiter = WaitingClaims.Waiter(client: job.client, request: job.request)
    let name = job.request.phone ?? ""
    let phone = number(of: name) ?? job.waited ?? name
    waiting.keep(waiter, phone: phone, isFirst: job.waited != nil, look: look)
  }

  /// The number of a phone that may be named by its id; nil if that cannot be found out now.
  private func number(of phone: String) -> String? {
    if let number = numbers[phone] { return number }
    numbers[phone] = try? work.store.phone(named: phone).number
    return numbers[phone]
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

  private func send(to number: Int) {
    let wasHeldBack = clients[number]?.isHeldBack ?? false
    clients[number]?.send()
    clients[number]?.noteRead()
    if wasHeldBack, clients[number]?.isHeldBack == false { waiting.resume(client: number) }
  }

  // MARK: - Clients that go

  private func letGo() {
    let isOver = deadline.map { $0 <= .now } ?? false
    for number in clients.keys.sorted() {
      if isOver { clients[number]?.giveUp() }
      guard let client = clients[number], client.isGone || client.hasEnded && client.isIdle,
        client.isGone || !isExpected(by: number)
      else { continue }
      _ = waiting.take(client: number)
      var last = client
      if client.isGone { owed += last.takeUnread() }
      clients[number] = nil
      failure = failure ?? client.failure
      if client.input == client.output { close(client.input) }
    }
  }

  /// Whether a client has requests that are not answered yet.
  private func isExpected(by number: Int) -> Bool {
    waiting.has(client: number) || postponed.contains { $0.client == number }
  }

  /// Gives claims back, for others of their phones that wait.
  private func giveBack() {
    guard !owed.isEmpty, owedAt <= .now || clients.isEmpty else { return }
    let claims = owed
    owed = work.giveBack(claims)
    if !owed.isEmpty { owedAt = .now + .milliseconds(Self.pause) }
    for phone in Set(claims.map(\.owner)) { waiting.lookAtOnce(phone) }
  }
}
