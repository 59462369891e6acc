/** One clear line with a remedy for each thing this host lacks; empty when all is there. */
export declare function checkHost(options: { readonly runtime: string; readonly conmon: string }): readonly string[]
