import { openLab } from '../../fixtures/image-lab.ts'

// Loads what comes on standard input into the lab of a folder, telling each line of progress as it happens. It is there
// to be killed.
await using lab = await openLab({ folder: process.argv[2] ?? '' })
for await (const line of lab.images.load(process.stdin, {})) console.log(JSON.stringify(line))
