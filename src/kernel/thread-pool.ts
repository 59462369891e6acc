/**
 * Starts libuv's thread pool in the host's namespaces. Await it once at boot, before the first netns is entered:
 * threads born inside one would stay there. Idempotent.
 */
export declare function startThreadPool(): Promise<void>
