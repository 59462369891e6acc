import { main } from '../cli/index.ts'

// Pipes, files and terminals are written synchronously: nothing is lost. A connection left open must not hold us here.
const code = await main({
  argv0: process.env.SLIPWAY_ARGV0 ?? 'slipway',
  argv: process.argv.slice(2),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
})
process.exit(code)
