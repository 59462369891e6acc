/** Number by name: `SIGTERM`, `SIGRTMIN`, `SIGRTMIN+1` … `SIGRTMAX-1`, `SIGRTMAX`. */
export declare const SIGNALS: Readonly<Record<string, number>>
/** Reads `SIGTERM`, `term`, `15`, `RTMIN+3`; undefined for anything else. */
export declare function parseSignal(text: string): number | undefined
/** `SIGTERM` for 15; undefined for what is no signal. */
export declare function signalName(signal: number): string | undefined
