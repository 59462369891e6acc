/** What libnftables said about a script, complete. Nothing of the script was applied. */
export class NftError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'NftError'
  }
}

/** A libnftables context, bound to the network namespace in which it was opened. */
export interface Nft extends Disposable {
  /** Applies a script in nft syntax as one transaction and returns what it printed. Throws NftError. */
  run(script: string): string
  close(): void
}

/** The caller closes. */
export declare function openNft(): Nft
