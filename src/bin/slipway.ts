import { main } from '../cli/index.ts'

process.exitCode = await main({
  argv0: process.env.SLIPWAY_ARGV0 ?? 'slipway',
  argv: process.argv.slice(2),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
})
