import FoundationEssentials
import Scheduling

/// What a gateway asks of `queue serve`, one line of JSON.
///
/// `{"id":1,"command":"claim","phone":"+18005550199","wait":true}`. Whatever stands under `id` comes back
/// with the answer. Unknown members are ignored.
struct ServeRequest: Decodable, Sendable {
  enum Command: String, Decodable, Sendable, CaseIterable {
    case claim, sent, failed, extend, release, add, next
  }

  var id: RequestID
  var command: Command
  /// By number or id; for `claim`, `add` and `next`.
  var phone: String?
  /// For reports: which message.
  var messageID: String?
  /// For reports: which claim of it; nil for the latest.
  var attempt: Int?
  /// Seconds; for `claim` and `extend`.
  var lease: Int?
  /// `claim` is answered when something is due.
  var wait: Bool?
  /// `failed`: why.
  var reason: String?
  /// For `add`, as in a bundle's message.
  var contact: String?
  var content: String?
  var sendAt: String?
  var exact: Bool?
  var expiresAt: String?

  private enum CodingKeys: String, CodingKey {
    case id, command, phone, attempt, lease, wait, reason, contact, content, exact
    case messageID = "message_id"
    case sendAt = "scheduled_send_time"
    case expiresAt = "expires_at"
  }

  /// All that may have to be stored or found.
  private var texts: [(CodingKeys, String?)] {
    [
      (.phone, phone), (.messageID, messageID), (.reason, reason), (.contact, contact), (.content, content),
      (.sendAt, sendAt), (.expiresAt, expiresAt),
    ]
  }
}

/// What a client calls its request: a text or an integer, given back as it came.
enum RequestID: Decodable, Sendable, Equatable {
  case none
  case text(String)
  case integer(Int64)

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .none
    } else if let number = try? container.decode(Int64.self) {
      self = .integer(number)
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "expected a text or an integer")
    }
  }
}

/// Why a request was not done, and the code with which the command of that name would have ended.
struct ServeProblem: Error {
  var code: Int32
  var message: String

  /// Somebody else keeps the phone, or the database, busy for a moment.
  var isBusy = false
  /// The server is away.
  var isAway = false

  /// Whether the same request may do better later.
  var mayPass: Bool { isBusy || isAway }
}

/// A request of which nothing but its id is understood.
private struct NamedRequest: Decodable {
  var id: RequestID
}

extension ServeRequest {
  static let longestLease = 31_536_000

  /// Reads one line; throws ``ServeProblem`` that names the member and what was expected.
  static func read(_ line: some DataProtocol) throws(ServeProblem) -> ServeRequest {
    do {
      let request = try JSONDecoder().decode(ServeRequest.self, from: Data(line))
      if let lease = request.lease, !(1...longestLease).contains(lease) {
        throw ServeProblem(code: Failure.usage, message: "lease: expected 1 to \(longestLease) seconds")
      }
      for (key, text) in request.texts where text?.utf8.contains(0) == true {
        throw ServeProblem(
          code: Failure.badData, message: "\(key.stringValue): expected a text without NUL characters")
      }
      return request
    } catch let problem as ServeProblem {
      throw problem
    } catch let error as DecodingError {
      throw ServeProblem(code: Failure.usage, message: words(error))
    } catch {
      throw ServeProblem(code: Failure.usage, message: "expected a request as JSON")
    }
  }

  /// The id of a line that is no request, if one can be found in it.
  static func id(of line: some DataProtocol) -> RequestID {
    (try? JSONDecoder().decode(NamedRequest.self, from: Data(line)))?.id ?? .none
  }

  private static func words(_ error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, _): return "\(key.stringValue): missing"
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      guard let name = context.codingPath.last?.stringValue else { return "expected an object" }
      let kinds = [
        "String": "a text", "Int": "an integer", "Bool": "true or false", "RequestID": "a text or an integer",
      ]
      return "\(name): expected \(kinds["\(type)"] ?? "another value")"
    case .dataCorrupted(let context):
      guard let name = context.codingPath.last?.stringValue else { return "expected a request as JSON" }
      guard name == CodingKeys.command.stringValue else { return "\(name): \(context.debugDescription)" }
      return "command: expected " + Command.allCases.map(\.rawValue).joined(separator: ", ")
    @unknown default: return "expected a request as JSON"
    }
  }
}
