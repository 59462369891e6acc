/** Bytes waiting for one reader at which its source pauses, and at which it goes on. */
export const HIGH = 1024 * 1024
export const LOW = HIGH / 2
