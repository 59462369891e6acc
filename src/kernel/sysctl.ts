/** Writes a kernel parameter of the calling thread's namespaces; dots in `name` become slashes, slashes dots. */
export declare function writeSysctl(name: string, value: string): void
/** Undefined when this kernel or namespace has no such parameter. */
export declare function readSysctl(name: string): string | undefined
