// A host on the network: `responder.ts serve <label> <protocol/address/port>...` answers whoever asks with its label and
// the asker's address; `responder.ts ask <protocol> <address> <port> [source port]` prints the answer.
import { createSocket } from 'node:dgram'
import { connect, createServer } from 'node:net'

const [verb, ...rest] = process.argv.slice(2)
if (verb === 'serve') await serve(rest)
else await ask(rest)

async function serve([label, ...endpoints]: string[]): Promise<void> {
  for (const endpoint of endpoints) {
    const [protocol, address, port] = endpoint.split('/')
    const { promise: ready, resolve } = Promise.withResolvers<void>()
    if (protocol === 'udp') {
      const socket = createSocket('udp4')
      socket.on('message', (_data, from) => socket.send(`${label} ${from.address}`, from.port, from.address))
      socket.bind(Number(port), address, resolve)
    } else {
      const server = createServer((socket) => {
        socket.on('error', () => socket.destroy())
        socket.end(`${label} ${socket.remoteAddress}`)
      })
      server.listen(Number(port), address, resolve)
    }
    await ready
  }
  process.stdout.write('ready\n')
}

async function ask([protocol, address, port, sourcePort]: string[]): Promise<void> {
  const { promise: answer, resolve } = Promise.withResolvers<string>()
  const alarm = setTimeout(() => resolve('silence'), 700)
  if (protocol === 'udp') {
    const socket = createSocket('udp4')
    socket.on('message', (data) => resolve(data.toString()))
    socket.on('error', () => resolve('refused'))
    socket.bind(Number(sourcePort ?? 0), () => {
      socket.connect(Number(port), address, () => socket.send('?'))
    })
    answer.then(() => socket.close())
  } else {
    const socket = connect({ host: address, port: Number(port) })
    socket.on('data', (data) => resolve(data.toString()))
    socket.on('error', () => resolve('refused'))
    answer.then(() => socket.destroy())
  }
  process.stdout.write(await answer)
  clearTimeout(alarm)
}
