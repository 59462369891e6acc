export interface ResourceLimit {
  /** Infinity for unlimited. */
  readonly soft: number
  readonly hard: number
}

/** By the name that ulimits have: `nofile`, `nproc`, `memlock`, … */
export declare function ownLimits(): Readonly<Record<string, ResourceLimit>>
