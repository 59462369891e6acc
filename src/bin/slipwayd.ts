import { main } from '../daemon/index.ts'

process.exit(await main(process.argv.slice(2)))
