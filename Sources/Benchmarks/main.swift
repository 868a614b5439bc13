/// The measurements, by the name that starts each: `swift run -c release Benchmarks forecast`.
let benchmarks: [(name: String, summary: String, run: ([String]) throws -> Void)] = [
  (
    "forecast", "time per message, beside the algorithm that places each message alone", ForecastBenchmark.run
  ),
  (
    "claims", "claims a second, one process and eight, beside the same SQL in the sqlite3 shell",
    ClaimBenchmark.run
  ),
  (
    "formats", "import of CSV and of a bundle, and export, beside the sqlite3 shell's .import",
    FormatsBenchmark.run
  ),
  ("claims-worker", "one of the eight processes of claims", ClaimBenchmark.work),
]

let arguments = CommandLine.arguments.dropFirst()
if let benchmark = benchmarks.first(where: { $0.name == arguments.first }) {
  try benchmark.run(Array(arguments.dropFirst()))
} else {
  print("usage: Benchmarks NAME")
  for benchmark in benchmarks { print("  \(benchmark.name): \(benchmark.summary)") }
}
