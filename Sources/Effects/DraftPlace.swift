import Editor
import Scheduling
import Storage

/// Where the drafts of this process are, and how other editors know that it runs.
package struct DraftPlace: Sendable {
  private let presence: FilePresence?
  private let files: DraftFiles
  /// Names the file that is locked.
  private let scope: String
  /// Names this editor: by its lock on this machine, whose that is, and what the server knows it by.
  private let name: String
  private let author: String
  private let isFile: Bool
  let now: @Sendable () -> Instant

  /// `store` is an open one. A byte of its file is locked as long as the process runs, of a file in a directory of the
  /// user where it is on a server.
  package init(
    _ store: Store, author: String, userDirectory: String?, now: @escaping @Sendable () -> Instant
  ) {
    self.author = author
    self.now = now
    isFile = !Store.isOnServer(store.path)
    files = DraftFiles(
      database: isFile ? store.path : nil,
      name: isFile ? PathName.real(store.path) : store.path,
      userDirectory: userDirectory)
    if !store.isWritable {
      presence = nil
    } else if isFile {
      presence = FilePresence(file: store.path)
    } else {
      presence = userDirectory.flatMap {
        DraftFiles.makeDirectory($0)
        return FilePresence(file: $0 + "/editors", isMade: true)
      }
    }
    // No number where there is no lock.
    let byte = presence?.name ?? NewID.make(at: now())
    scope = presence?.scope ?? ""
    name = [byte, scope, store.nameOnServer ?? ""].joined(separator: ".")
  }

  /// Whether nothing but what is kept says that this editor runs.
  var isUnseen: Bool { isFile && presence == nil }

  /// Whether the editor with a name runs: what this machine knows of its own is certain, of others' the server tells.
  /// Where nothing can, editors keep again what they kept, so that it is young. While the server is away nobody can know.
  private func isRunning(_ other: String, keptAt: Instant, _ store: Store?) -> Bool {
    let words = other.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard other != name, let byte = words.first else { return true }
    let isYoung = now() - keptAt < 3 * Self.renewal
    let isOnServer = !isFile && words.count == 3
    if !isOnServer || words[1] == scope, Int64(byte) != nil, let isRunning = presence?.isRunning(byte) {
      return isRunning
    }
    guard isOnServer else { return isYoung }
    guard let store else { return true }
    return store.isRunning(words[2]) ?? isYoung
  }

  /// How often what is kept is kept again where nobody can tell who runs.
  package static let renewal: Duration = 5 * .minute

  /// `store` is nil while the database cannot be reached.
  package func shelf(in store: Store?) -> DraftShelf {
    DraftShelf(
      store: store, author: author, editor: name, files: files,
      isRunning: { isRunning($0, keptAt: $1, store) })
  }
}
