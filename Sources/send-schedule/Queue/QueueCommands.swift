import ArgumentParser

struct QueueCommands: ParsableCommand {
  static let configuration = CommandConfiguration.group(
    "queue", "The messages of the phones: queueing, handing out, reporting.",
    [
      QueueList.self, QueueShow.self, QueueAdd.self, QueueCancel.self, QueueRetry.self,
      QueueReschedule.self, QueuePrune.self, QueueClaim.self, QueueSent.self, QueueFailed.self,
      QueueExtend.self,
      QueueRelease.self, QueueServe.self,
    ])
}
