import type { ResourceLimits } from '../../../runtime/index.ts'
import { adapted, flag, int64, text, uint16, zeroAbsent } from '../json/codec.ts'
import { optional, record } from '../json/record.ts'

/** A number that is 0 on the wire when nobody set it. */
function limit(key: string) {
  return optional(key, zeroAbsent(int64), { absent: 0 })
}

/** Zero and everything negative mean no limit. */
const pidsLimit = adapted(int64, {
  decode: (value) => (value > 0 ? value : undefined),
  encode: (value: number) => value,
})

/** -1 stands for the kernel's default, as clients of old send it. */
const swappiness = adapted(int64, {
  decode: (value) => (value === -1 ? undefined : value),
  encode: (value: number) => value,
})

/** The limits among the fields of HostConfig, both ways; the body of update has them too. */
export const resources = record<ResourceLimits>('container.Resources', {
  cpuShares: limit('CpuShares'),
  memory: limit('Memory'),
  nanoCpus: limit('NanoCpus'),
  blkioWeight: optional('BlkioWeight', zeroAbsent(uint16), { absent: 0 }),
  cpuPeriod: limit('CpuPeriod'),
  cpuQuota: limit('CpuQuota'),
  cpusetCpus: optional('CpusetCpus', zeroAbsent(text), { absent: '' }),
  cpusetMems: optional('CpusetMems', zeroAbsent(text), { absent: '' }),
  memoryReservation: limit('MemoryReservation'),
  memorySwap: limit('MemorySwap'),
  memorySwappiness: optional('MemorySwappiness', swappiness, { absent: null }),
  oomKillDisable: optional('OomKillDisable', flag, { absent: false }),
  pidsLimit: optional('PidsLimit', pidsLimit, { absent: null }),
})
