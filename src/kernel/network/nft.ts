import koffi from 'koffi'
import { declare } from '../native/call.ts'

/** What libnftables said about a script it refused. */
export class NftError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'NftError'
  }
}

/** Rules as text: for whole tables. Half a millisecond a script. */
export interface Nft extends Disposable {
  /** Runs a script as one transaction and gives what it prints; throws NftError and changes nothing when refused. */
  run(script: string): string
  close(): void
}

export const NFT_LIBRARY = 'libnftables.so.1'

type Library = ReturnType<typeof load>

let loaded: Library | undefined

/** Loaded at the first use: a program without networks does without the library. */
function library(): Library {
  loaded ??= load()
  return loaded
}

function load() {
  const native = koffi.load(NFT_LIBRARY)
  const contextNew: (flags: number) => unknown = native.func('void *nft_ctx_new(uint32_t flags)')
  const contextFree: (context: unknown) => void = native.func('void nft_ctx_free(void *context)')
  const errorText: (context: unknown) => string = native.func('const char *nft_ctx_get_error_buffer(void *context)')
  const outputText: (context: unknown) => string = native.func('const char *nft_ctx_get_output_buffer(void *context)')
  return {
    contextNew,
    contextFree,
    errorText,
    outputText,
    bufferError: declare(native, 'int nft_ctx_buffer_error(void *context)'),
    bufferOutput: declare(native, 'int nft_ctx_buffer_output(void *context)'),
    run: declare(native, 'int nft_run_cmd_from_buffer(void *context, const char *script)'),
  }
}

/** A context of the calling thread's network namespace: open it inside `inNetns` to work there. The caller closes. */
export function openNft(): Nft {
  const nft = library()
  let context: unknown = nft.contextNew(0)
  if (!context || nft.bufferError(context) !== 0 || nft.bufferOutput(context) !== 0) {
    close()
    throw new NftError('libnftables gives no context')
  }

  function run(script: string): string {
    if (!context) throw new Error('the nftables context has been closed')
    const failed = nft.run(context, script) !== 0
    // Reading a buffer empties it: both are read, or the next script would find the rest of this one's.
    const output = nft.outputText(context)
    const error = nft.errorText(context)
    if (failed) throw new NftError(error.trim() || 'nftables refused the script')
    return output
  }

  function close(): void {
    if (context) nft.contextFree(context)
    context = undefined
  }

  return { run, close, [Symbol.dispose]: close }
}
