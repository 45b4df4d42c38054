-- Sends the requests of a file (raw bytes, separated by a zero byte) in turn, and prints one line of figures.
local requests = {}
local turn = 0

function init(args)
  local file = assert(io.open(args[1], "rb"))
  for request in file:read("*a"):gmatch("[^%z]+") do
    requests[#requests + 1] = request
  end
  file:close()
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    "figures %d %d %d %.0f %.0f %.0f\n",
    summary.requests, summary.bytes, errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    summary.duration, latency:percentile(50), latency:percentile(99)))
end
