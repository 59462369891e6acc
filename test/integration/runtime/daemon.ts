/** Plays a daemon that dies: starts one task on the exec-root of its parent, says so, and stays until it is killed. */

import { openCgroups, startThreadPool } from '../../../src/kernel/index.ts'
import { createRuntime, type RuntimeOptions, type TaskOptions } from '../../../src/runtime/index.ts'
import { runtimeOptions } from './lab.ts'

interface Orders {
  readonly id: string
  readonly execRoot: string
  readonly task: TaskOptions
  readonly start: boolean
  readonly attach: boolean
}

const orders = JSON.parse(process.argv[2] ?? '') as Orders
await startThreadPool()
const options: RuntimeOptions = runtimeOptions({ execRoot: orders.execRoot, cgroups: openCgroups() })
const runtime = await createRuntime(options)
const task = await runtime.create(orders.id, orders.task)
if (orders.attach) {
  const session = await task.attach({ output: true, stdin: false })
  void Array.fromAsync(session.output)
}
if (orders.start) await task.start()
process.stdout.write(`${task.pid}\n`)
