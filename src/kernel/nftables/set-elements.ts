export interface NftElement {
  /** Encoded by `nftConcat`. */
  readonly key: Buffer
  /** The value, for maps. */
  readonly data?: Buffer
  /** Last key of a range, for sets with the interval flag. */
  readonly keyEnd?: Buffer
}

export interface NftElements {
  readonly family: 'ip' | 'ip6' | 'inet'
  readonly table: string
  readonly set: string
  readonly elements: readonly NftElement[]
}

/** Elements of sets and maps by raw nfnetlink, each call one transaction: all or nothing. */
export interface NftSets extends Disposable {
  /** `EEXIST` when an element is there with other data, `ENOENT` when the set is not. */
  add(elements: NftElements): void
  /** `ENOENT` when an element or the set is not there. */
  delete(elements: NftElements): void
  close(): void
}

/** Bound to the network namespace in which it is opened. The caller closes. */
export declare function openNftSets(): NftSets
/** Joins the fields of a key or value, each padded to four bytes as the kernel keeps them. */
export declare function nftConcat(...fields: readonly Uint8Array[]): Buffer
/** A field of type ifname. */
export declare function nftIfname(name: string): Buffer
/** A field of type ipv4_addr or ipv6_addr. */
export declare function nftAddress(address: string): Buffer
/** A field of type inet_service. */
export declare function nftPort(port: number): Buffer
/** A field of type inet_proto. */
export declare function nftProtocol(protocol: 'tcp' | 'udp' | 'sctp'): Buffer
