import { kindOf, messageOf } from '../../../base/index.ts'
import type { JSONMessage } from '../../types/index.ts'
import type { StreamReply } from '../http/call.ts'

/** A stream of progress lines. A failure before the first is an error answer, one after it is the last line. */
export function progressReply(lines: AsyncIterable<JSONMessage>): StreamReply {
  return { kind: 'stream', contentType: 'application/json', begin: 'with-first', chunks: encodeProgress(lines) }
}

async function* encodeProgress(lines: AsyncIterable<JSONMessage>): AsyncGenerator<string> {
  let begun = false
  try {
    for await (const line of lines) {
      yield `${JSON.stringify(line)}\r\n`
      begun = true
    }
  } catch (error) {
    if (!begun || kindOf(error) === 'cancelled') throw error
    const message = messageOf(error)
    yield `${JSON.stringify({ errorDetail: { message }, error: message })}\r\n`
  }
}
