import ArgumentParser
import Glibc
import Scheduling
import Storage

struct QueueServe: StoreCommand {
  static let configuration = CommandConfiguration.command(
    "serve", of: "queue", "Serve a gateway with many phones: a request a line, an answer a line.",
    discussion: """
      Requests are JSON objects on standard input, or on a Unix socket for any number of clients: \
      {"id":1,"command":"claim","phone":"+18005550199","lease":60,"wait":true}. Commands are claim, sent, failed, \
      extend, release (with message_id and attempt), add (with phone, contact, content and as one likes \
      scheduled_send_time, exact, expires_at) and next. Each answer has the request's id, and the members that the \
      command of that name prints, or error and code. Answers come as they are ready, in any order. Requests \
      that come together are committed together; an answer is written once its commit is on the disk. A claim \
      with "wait":true is answered when something is due. At the end of input, what is under way is finished, waiting \
      claims are answered, and what nobody read is given back.
      """)
  static let examples = ["queue serve", "queue serve --socket /run/send-schedule/queue.sock"]
  static let access = Store.Access.write
  @Option(
    help: ArgumentHelp(
      "Listen on a Unix socket, for its owner alone, instead of standard input.", valueName: "path"))
  var socket: String?
  @OptionGroup var shared: SharedOptions

  func run(_ store: Store) throws {
    let bell = try StopSignal.watchWithBell()
    let listening = try socket.map { try ServeSocket(path: $0) }
    defer { listening?.end() }
    let clock = Clock(fixedNow: shared.now)
    let work = ServeWork(store: store, time: { clock.time }, author: Surroundings.worker)
    let loop = ServeLoop(work: work, watch: QueueWatch(store, clock), socket: listening, bell: bell)
    if listening == nil { loop.add(ServeClient(input: STDIN_FILENO, output: STDOUT_FILENO)) }
    try loop.run()
  }
}
