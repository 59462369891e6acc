/** Lets a few in at a time; the others wait in line. */
export interface Gate {
  run<T>(work: () => Promise<T>): Promise<T>
}

export function createGate(width: number): Gate {
  const line: (() => void)[] = []
  let inside = 0

  return {
    async run(work) {
      if (inside < width) inside += 1
      else await new Promise<void>((resolve) => line.push(resolve))
      try {
        return await work()
      } finally {
        // Who leaves gives the place to the next in line.
        const next = line.shift()
        if (next) next()
        else inside -= 1
      }
    },
  }
}
