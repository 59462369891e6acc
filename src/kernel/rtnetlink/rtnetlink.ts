import type { Rtnetlink } from './contract.ts'

/** Opens a socket in the namespace of `netns` (an fd, which stays the caller's), by default in our own. The caller closes. */
export declare function openRtnetlink(options?: { readonly netns?: number }): Rtnetlink
