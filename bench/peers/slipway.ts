import { startDaemon } from '../../test/fixtures/daemon.ts'
import { findProcesses, importImage, type Peer } from './peer.ts'

/** Starts this checkout's slipwayd with roots of its own. */
export async function startSlipway(): Promise<Peer> {
  const daemon = await startDaemon({ debug: false })
  const peer: Peer = {
    name: 'slipwayd',
    version: await daemon.output(['version', '--format', '{{.Server.Version}}']),
    env: daemon.env,
    daemons: () => [daemon.pid],
    monitors: () => findProcesses(['conmon'], daemon.execRoot),
    [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose](),
  }
  await importImage(peer)
  return peer
}
