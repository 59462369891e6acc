/** In bit order: the index is the kernel's number. */
export declare const CAPABILITIES: readonly string[]
/** What this process may do, by name. */
export declare function effectiveCapabilities(): ReadonlySet<string>
